"""Steps of a regimen as phases, a family a file; their documents are in the file of that name in `regimen/steps/`."""
