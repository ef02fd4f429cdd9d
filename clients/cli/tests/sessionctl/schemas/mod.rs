//! `sessionctl`: schemas.
