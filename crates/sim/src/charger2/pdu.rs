//! Requests and answers without their transport (Modbus Application Protocol V1.1b3).

use super::Exception;
use super::registers::Holding;

/// Most registers one read can ask for.
const MOST: u16 = 125;

/// A request that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    ReadHolding { address: u16, count: u16 },
    ReadInput { address: u16, count: u16 },
    Write { register: Holding, value: u16 },
}

impl Request {
    /// Understands a request, or says which exception refuses it.
    pub(super) fn parse(pdu: &[u8]) -> Result<Self, Exception> {
        let (function, words) = match pdu {
            [function @ (3 | 4 | 6), a, b, c, d] => (
                *function,
                [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
            ),
            [3 | 4 | 6, ..] => return Err(Exception::IllegalDataValue),
            _ => return Err(Exception::IllegalFunction),
        };
        let [address, operand] = words;
        if function == 6 {
            return Holding::at(address)
                .map(|register| Self::Write {
                    register,
                    value: operand,
                })
                .ok_or(Exception::IllegalDataAddress);
        }
        if !(1..=MOST).contains(&operand) {
            return Err(Exception::IllegalDataValue);
        }
        let count = operand;
        Ok(if function == 3 {
            Self::ReadHolding { address, count }
        } else {
            Self::ReadInput { address, count }
        })
    }
}

/// The answer to a read: every register, or none.
pub(super) fn registers(
    function: u8,
    address: u16,
    count: u16,
    read: impl Fn(u16) -> Option<u16>,
) -> Result<Vec<u8>, Exception> {
    let mut answer = vec![function, (count * 2) as u8];
    for n in 0..count {
        let value = address
            .checked_add(n)
            .and_then(&read)
            .ok_or(Exception::IllegalDataAddress)?;
        answer.extend(value.to_be_bytes());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_with_the_exception_it_deserves() {
        let refused = |pdu: &[u8]| Request::parse(pdu).unwrap_err();
        assert_eq!(
            refused(&[16, 1, 5, 0, 1, 2, 0, 60]),
            Exception::IllegalFunction
        );
        assert_eq!(refused(&[]), Exception::IllegalFunction);
        assert_eq!(refused(&[4, 0, 4, 0, 0]), Exception::IllegalDataValue);
        assert_eq!(refused(&[4, 0, 4, 0, 126]), Exception::IllegalDataValue);
        assert_eq!(refused(&[4, 0, 4, 0]), Exception::IllegalDataValue);
        assert_eq!(refused(&[6, 1, 2, 0, 1]), Exception::IllegalDataAddress);
        assert_eq!(
            registers(4, u16::MAX, 2, |_| Some(0)),
            Err(Exception::IllegalDataAddress)
        );
    }
}
