"""Lessons: short lists of captions and views of packaged recordings, as data.

- `lessons()`: all lessons of a language by name
- `recordings()`: packaged recordings by name, `recording(name)`: head and frames of one as the viewer reads them
"""

from __future__ import annotations

from venolymph.lessons.lesson import Lesson, LessonStep, LessonView, lessons
from venolymph.lessons.packaged import PackagedRecording, recording, recordings

__all__ = ["Lesson", "LessonStep", "LessonView", "PackagedRecording", "lessons", "recording", "recordings"]
