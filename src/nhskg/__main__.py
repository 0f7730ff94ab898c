"""``python -m nhskg``: the command line."""

from nhskg.cli import main

if __name__ == "__main__":
    main()
