//! Types of JSON.

/// Types of JSON, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Types(pub u8);

impl Types {
    pub const NONE: Self = Self(0);
    pub const NULL: Self = Self(1);
    pub const FALSE: Self = Self(2);
    pub const TRUE: Self = Self(4);
    /// A number without a fraction, which in drafts after 4 includes 1.0.
    pub const INTEGER: Self = Self(8);
    /// A number with a fraction.
    pub const FRACTION: Self = Self(16);
    pub const STRING: Self = Self(32);
    pub const ARRAY: Self = Self(64);
    pub const OBJECT: Self = Self(128);
    pub const BOOLEAN: Self = Self(6);
    pub const NUMBER: Self = Self(24);
    pub const ALL: Self = Self(255);

    /// The types of these or of `other`.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The types of these and of `other`.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These types without those of `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether these have a type of `other`.
    #[inline(always)]
    pub fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
