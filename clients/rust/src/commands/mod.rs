//! The commands of the module.

/// The commands of the module over one connection.
#[derive(Clone, Debug, Default)]
pub struct Sessions<C = ()> {
    #[allow(dead_code)]
    connection: C,
}
