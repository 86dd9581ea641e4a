//! Enumerations that Koji stores and sends as numbers and shows by name.

/// Declares an enumeration with Koji's numbers and names, and what goes with every one of them.
macro_rules! numbered {
    ($(#[$meta:meta])* $type:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i16)]
        pub enum $type { $($(#[$doc])* $variant = $number,)+ }

        impl $type {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number that is stored and sent.
            pub fn number(self) -> i16 {
                self as i16
            }

            /// Koji's name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The value of a number; an unknown number is an error.
            pub fn from_number(number: i64) -> $crate::Result<Self> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err($crate::Error::generic(format!(concat!("Unknown ", $what, ": {}"), number))),
                }
            }

            /// The value of a name in upper case; an unknown name is an error.
            pub fn from_name(name: &str) -> $crate::Result<Self> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::Error::generic(format!(concat!("Unknown ", $what, ": {}"), name))),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i16(self.number())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <i64 as serde::Deserialize<'de>>::deserialize(deserializer)?;
                Self::from_number(number).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use numbered;

/// What an event does to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// The state changes to this.
    To(T),
    /// It is so already: nothing to write, the caller is told that it worked.
    Already,
    /// It can't be now, which is no fault: the caller is told no.
    No,
}

#[cfg(test)]
mod tests {
    numbered! {
        /// A thing.
        Thing, "thing" {
            /// One.
            One = 0 "ONE",
            /// Two.
            Two = 1 "TWO",
        }
    }

    #[test]
    fn numbers_and_names_go_both_ways() {
        for thing in Thing::ALL {
            assert_eq!(Thing::from_number(thing.number().into()).unwrap(), *thing);
            assert_eq!(Thing::from_name(thing.name()).unwrap(), *thing);
        }
        assert_eq!(Thing::from_number(7).unwrap_err().message, "Unknown thing: 7");
        assert!(Thing::from_name("two").is_err());
        assert_eq!(serde_json::to_string(&Thing::Two).unwrap(), "1");
        assert_eq!(serde_json::from_str::<Thing>("0").unwrap(), Thing::One);
    }
}
