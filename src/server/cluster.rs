//! What a node of a cluster knows of it.

use super::api;
use super::context::Ctx;
use crate::slots::Slots;

/// The slots that this node serves; none where the server does not tell.
pub fn served_slots(ctx: Ctx<'_>) -> Option<Slots> {
    // SAFETY: the format has a `c` for the one C string that follows; the reply is freed once, and
    // the text that it points to is read before.
    unsafe {
        let reply = api!(RedisModule_Call(
            ctx.raw(),
            c"CLUSTER".as_ptr(),
            c"c".as_ptr(),
            c"NODES".as_ptr()
        ));
        if reply.is_null() {
            return None;
        }
        let mut len = 0;
        let text = api!(RedisModule_CallReplyStringPtr(reply, &raw mut len));
        let slots = if text.is_null() {
            None
        } else {
            let bytes = std::slice::from_raw_parts(text.cast::<u8>(), len);
            Slots::of_myself(&String::from_utf8_lossy(bytes))
        };
        api!(RedisModule_FreeCallReply(reply));
        slots
    }
}
