//! `sessionctl`: doctor.
