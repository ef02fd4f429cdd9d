//! `sessionctl`: metrics.
