"""`python -m tests.corpus --accept [NAME…]`: writes what is expected anew, for all or for those named."""

import argparse

from tests.corpus import accept_case, accept_errors, cases, chunk_files


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--accept", action="store_true", required=True)
    parser.add_argument("names", nargs="*", help="cases or error files, by name; all of them unless given")
    names = set(parser.parse_args().names)
    for case in cases():
        if not names or case.name in names:
            accept_case(case)
    for file in chunk_files():
        if not names or file.stem in names:
            accept_errors(file, print)


if __name__ == "__main__":
    main()
