"""Pydantic models as the data of sessions: what is stored of a model, and what the server checks.

From the top down; a file imports only files below it:

    writes      data and patches to send, made of what an application passes
    stored      a model's stored form: its writer, its schema, its checks
    schema      the JSON Schema of a stored form
    keywords    the keywords of such a schema
    core        Pydantic's core schema, changed so that a model reads what it writes
    names       the name that a field is stored under
    patterns    regular expressions of Pydantic in the server's dialect
    nodes       how core schemas nest

Everything starts from Pydantic's core schema, which says what a model writes and reads. The JSON
Schema that Pydantic makes for documents would not do: it describes input that the model never
writes, and its formats and patterns are of other dialects than the server's.
"""
