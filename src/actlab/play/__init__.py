"""The playground: two nets trained side by side, live, and what happens inside them.

`actlab play` serves it to a browser (`server`); a notebook shows it as a widget (`widget`); a recording is one file
that opens by itself (`recording`). All three show the same ES module (`static/`, put together by `bundle`), which talks
in messages (`wire`) to a `session.Session`: that trains (`course`), looks inside (`frame`) and says what it sees
(`sentences`).
"""
