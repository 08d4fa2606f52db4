//! Who is at the other end of a connection on loopback: every user of this machine can come there.
//!
//! Linux tells each socket's user in `/proc/net/tcp`; elsewhere nobody is turned away.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;

/// Does the socket at `from`, on this machine, belong to another user? Root is nobody's other.
pub fn is_anothers(from: SocketAddr) -> bool {
    let Ok(own) = fs::metadata("/proc/self").map(|about| about.uid()) else {
        return false;
    };
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let owner = tables.iter().flatten().find_map(|table| owner(table, from));
    owner.is_some_and(|owner| owner != own && owner != 0)
}

/// The user of the socket at this address, by a table of the kernel's.
fn owner(table: &str, at: SocketAddr) -> Option<u32> {
    let wanted = spelled(at);
    let line = table.lines().find(|line| {
        let local = line.split_whitespace().nth(1);
        local.is_some_and(|local| wanted.iter().any(|wanted| wanted == local))
    });
    line?.split_whitespace().nth(7)?.parse().ok()
}

/// As the kernel writes it, of either family: each four bytes in the machine's order, and the
/// port, all in hex.
fn spelled(at: SocketAddr) -> Vec<String> {
    let (four, six) = match at.ip() {
        IpAddr::V4(four) => (Some(four), four.to_ipv6_mapped()),
        IpAddr::V6(six) => (six.to_ipv4_mapped(), six),
    };
    let four = four.map(|four| four.octets().to_vec());
    let addresses = four.into_iter().chain([six.octets().to_vec()]);
    let spelled = addresses.map(|address| format!("{}:{:04X}", words(&address), at.port()));
    spelled.collect()
}

fn words(bytes: &[u8]) -> String {
    let words = bytes
        .chunks_exact(4)
        .filter_map(|four| four.try_into().ok());
    words
        .map(|four| format!("{:08X}", u32::from_ne_bytes(four)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_kernel_tells_whose_a_socket_is() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 1\n";
        if cfg!(target_endian = "little") {
            assert_eq!(owner(table, "127.0.0.1:8080".parse().unwrap()), Some(1000));
            let six = table.replace("0100007F:", "0000000000000000FFFF00000100007F:");
            assert_eq!(owner(&six, "127.0.0.1:8080".parse().unwrap()), Some(1000));
        }
        assert_eq!(owner(table, "127.0.0.1:8081".parse().unwrap()), None);
    }

    #[test]
    fn who_is_the_same_user_is_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let from = stream.local_addr().unwrap();
        assert!(!is_anothers(from));
        if let Ok(table) = fs::read_to_string("/proc/net/tcp") {
            assert!(owner(&table, from).is_some(), "it is in the table");
        }
    }
}
