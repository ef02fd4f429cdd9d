//! Command arguments: text, bytes and numbers side by side.

/// A value that can be a command's argument.
pub trait Arg {
    fn arg(&self) -> Vec<u8>;
}

macro_rules! as_bytes {
    ($($type:ty),*) => { $(impl Arg for $type {
        fn arg(&self) -> Vec<u8> {
            AsRef::<[u8]>::as_ref(self).to_vec()
        }
    })* };
}
as_bytes!(str, String, [u8], Vec<u8>);

macro_rules! as_decimal {
    ($($type:ty),*) => { $(impl Arg for $type {
        fn arg(&self) -> Vec<u8> {
            self.to_string().into_bytes()
        }
    })* };
}
as_decimal!(i32, i64, i128, u16, u32, u64, u128, usize);

impl<const N: usize> Arg for [u8; N] {
    fn arg(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<T: Arg + ?Sized> Arg for &T {
    fn arg(&self) -> Vec<u8> {
        (**self).arg()
    }
}

/// `args!["SESSION.TOUCH", key, "PX", 500]`: one command, for `Conn::cmd`, `ok` and `err`.
#[macro_export]
macro_rules! args {
    ($($arg:expr),* $(,)?) => {
        [$($crate::arg::Arg::arg(&$arg)),*]
    };
}
