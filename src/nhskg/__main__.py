"""``nhskg`` and ``python -m nhskg``: the command line; an interrupt is told from the start."""

import _signal  # type: ignore[import-not-found]  # it is part of the interpreter, and loads nothing

_signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGINT, _signal.SIGTERM))

from nhskg.supervisor import main

if __name__ == "__main__":
    main()
