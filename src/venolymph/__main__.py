"""`python -m venolymph` is the command `venolymph`."""

from venolymph.cli import main

if __name__ == "__main__":
    main()
