"""The parts of the formatter; `dsl.formatter` is its face."""
