//! The module's section of INFO.

use super::api;
use redis_module::raw::RedisModuleInfoCtx;
use std::ffi::{CStr, CString};

/// The section that is being written.
pub struct Info(*mut RedisModuleInfoCtx);

impl Info {
    /// Begins the module's one section, `session`. Gives none if the client did not ask for it.
    ///
    /// # Safety
    /// `raw` is the context of an INFO callback that has not returned.
    pub unsafe fn begin(raw: *mut RedisModuleInfoCtx) -> Option<Self> {
        // SAFETY: the context is valid; a null name makes the section that of the module itself.
        let outcome = unsafe { api!(RedisModule_InfoAddSection(raw, std::ptr::null())) };
        (outcome == super::OK).then_some(Self(raw))
    }

    /// Adds a number.
    pub fn number(&self, field: &CStr, n: u64) {
        // SAFETY: the context is valid, and the section has begun.
        unsafe { api!(RedisModule_InfoAddFieldULongLong(self.0, field.as_ptr(), n)) };
    }

    /// Adds a text.
    pub fn text(&self, field: &CStr, text: &str) {
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: as above; the text is copied.
        unsafe {
            api!(RedisModule_InfoAddFieldCString(
                self.0,
                field.as_ptr(),
                text.as_ptr()
            ));
        }
    }
}
