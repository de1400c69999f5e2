"""Steps of a regimen as documents, a family a file; its forces are in the file of that name in `regimen/forces/`."""
