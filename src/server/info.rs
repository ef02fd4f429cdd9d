//! The module's section of the server's INFO: its registration, and functions to add fields. A function
//! of the layer above fills it.

use super::guard::guarded;
use super::{api, c_string, OK};
use redis_module::raw::{RedisModuleCtx, RedisModuleInfoCtx};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::sync::OnceLock;

/// A section that is being written.
pub struct InfoSection(*mut RedisModuleInfoCtx);

static FILL: OnceLock<fn(&InfoSection)> = OnceLock::new();

/// Registers the function that fills the section. Returns whether the server accepted it.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub(super) unsafe fn register(ctx: *mut RedisModuleCtx, fill: fn(&InfoSection)) -> bool {
    let _ = FILL.set(fill);
    // SAFETY: the context is valid (the caller's promise), and the callback is static.
    unsafe { api!(RedisModule_RegisterInfoFunc(ctx, Some(write_section))) == OK }
}

/// # Safety
/// For the server to call, for INFO.
unsafe extern "C" fn write_section(ctx: *mut RedisModuleInfoCtx, for_crash_report: c_int) {
    // The state of a crashing process is not to be trusted, so a crash report gets no section.
    if for_crash_report != 0 {
        return;
    }
    if let Some(fill) = FILL.get() {
        guarded((), || {
            // SAFETY: the context is valid during this callback.
            if let Some(section) = unsafe { InfoSection::begin(ctx) } {
                fill(&section);
            }
        });
    }
}

impl InfoSection {
    /// Begins the module's one section, `session`; none if the client did not ask for it.
    ///
    /// # Safety
    /// `raw` is the context of an INFO callback that does not return before `Self` is dropped.
    unsafe fn begin(raw: *mut RedisModuleInfoCtx) -> Option<Self> {
        // SAFETY: the context is valid (the caller's promise). A null name is allowed: the section
        // then has the module's name.
        let outcome = unsafe { api!(RedisModule_InfoAddSection(raw, std::ptr::null())) };
        (outcome == OK).then_some(Self(raw))
    }

    /// Adds a field with a number.
    pub fn number(&self, field: &CStr, n: u64) {
        // SAFETY: the context is valid (the promise of `begin`), and a section has begun.
        unsafe { api!(RedisModule_InfoAddFieldULongLong(self.0, field.as_ptr(), n)) };
    }

    /// Adds a field with a text.
    pub fn text(&self, field: &CStr, text: &str) {
        let text = c_string(text);
        // SAFETY: as in `number`; the server copies both C strings.
        unsafe {
            api!(RedisModule_InfoAddFieldCString(
                self.0,
                field.as_ptr(),
                text.as_ptr()
            ));
        }
    }
}
