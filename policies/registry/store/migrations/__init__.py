"""The store's schema, step by step: Alembic's environment (`env.py`), the steps (`versions/`), what they share.

A step, once published, never changes: stores are out there that took it. To change a table, add a step and say in
`tables.py` what comes out; tests hold that both agree, and that stores of every earlier step come through with
their data.
"""
