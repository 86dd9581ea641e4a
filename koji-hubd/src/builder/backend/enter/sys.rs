//! The system calls behind namespaces and roots.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Capabilities that nothing in a buildroot has: with them one could reach the machine around it.
const GIVEN_UP: [libc::c_ulong; 7] = [
    16, // CAP_SYS_MODULE
    17, // CAP_SYS_RAWIO
    22, // CAP_SYS_BOOT
    25, // CAP_SYS_TIME
    27, // CAP_MKNOD
    34, // CAP_SYSLOG
    36, // CAP_BLOCK_SUSPEND
];

fn checked(answer: libc::c_int) -> io::Result<()> {
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Leaves the namespaces of mounts, host name and messages, that of the network if wanted, and lets the next
/// child be the first in a namespace of processes. With users of its own it is the superuser in there, and may
/// do with the namespaces what only the superuser may.
pub(super) fn unshare(keep_network: bool, own_users: bool) -> io::Result<()> {
    let flags = libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    let flags = if keep_network { flags } else { flags | libc::CLONE_NEWNET };
    // SAFETY: these only answer.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    let flags = if own_users { flags | libc::CLONE_NEWUSER } else { flags };
    // SAFETY: takes a number; no other thread runs in this process.
    checked(unsafe { libc::unshare(flags) })?;
    if own_users { map_to((0, uid), (0, gid)) } else { Ok(()) }
}

/// Tells a new namespace of users who its only user and group are, by their numbers in there and outside.
fn map_to((user, outer_user): (u32, u32), (group, outer_group): (u32, u32)) -> io::Result<()> {
    std::fs::write("/proc/self/uid_map", format!("{user} {outer_user} 1"))?;
    // without this the kernel lets nobody name a group
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/gid_map", format!("{group} {outer_group} 1"))
}

/// Has a program that is about to be started run as the user again who is the superuser of this namespace.
pub(super) fn become_again(command: &mut Command, uid: u32, gid: u32) {
    // SAFETY: the process has but one thread, so that more than a few calls may be made between fork and exec.
    unsafe {
        command.pre_exec(move || {
            checked(libc::unshare(libc::CLONE_NEWUSER))?;
            map_to((uid, 0), (gid, 0))
        });
    }
}

/// Mounts; see mount(2).
pub(super) fn mount(
    source: Option<&Path>,
    target: &Path,
    kind: Option<&str>,
    flags: libc::c_ulong,
    data: &str,
) -> io::Result<()> {
    let source = source.map(c_path).transpose()?;
    let target = c_path(target)?;
    let (kind, data) = (kind.map(CString::new).transpose()?, CString::new(data)?);
    let pointer = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
    // SAFETY: all texts end with a zero and live until the call is over; null is allowed for source and kind.
    checked(unsafe {
        libc::mount(pointer(&source), target.as_ptr(), pointer(&kind), flags, data.as_ptr().cast())
    })
}

fn c_path(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

/// Makes a mount point the root of this namespace and lets go of what was the root.
pub(super) fn change_root(root: &Path) -> io::Result<()> {
    std::env::set_current_dir(root)?;
    let here = c".";
    // SAFETY: both paths end with a zero. The old root comes to lie upon the new one, and is taken off.
    checked(unsafe { libc::syscall(libc::SYS_pivot_root, here.as_ptr(), here.as_ptr()) } as libc::c_int)?;
    // SAFETY: the path ends with a zero.
    checked(unsafe { libc::umount2(here.as_ptr(), libc::MNT_DETACH) })?;
    std::env::set_current_dir("/")
}

/// Takes from all programs started from here on what would reach out of a root.
pub(super) fn give_up_capabilities() -> io::Result<()> {
    for capability in GIVEN_UP {
        // SAFETY: takes numbers only.
        match checked(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) }) {
            // a kernel without this capability has nothing to drop
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
            dropped => dropped?,
        }
    }
    Ok(())
}

/// Lets no program started from here on gain what its user has not.
pub(super) fn keep_privileges_away() -> io::Result<()> {
    // SAFETY: takes numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })
}

/// Makes programs believe that the machine has 32 bits.
pub(super) fn narrow_personality() -> io::Result<()> {
    const PER_LINUX32: libc::c_ulong = 8;
    // SAFETY: takes a number.
    checked(unsafe { libc::personality(PER_LINUX32) })
}

/// Brings the loopback interface up.
pub(super) fn raise_loopback() -> io::Result<()> {
    let mut request = std::mem::MaybeUninit::<libc::ifreq>::zeroed();
    // SAFETY: zeroes are a valid request, and the name that is written ends with a zero. The socket is closed
    // again whatever the calls answer.
    unsafe {
        let request = request.assume_init_mut();
        for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes_with_nul()) {
            *to = (*from).cast_signed();
        }
        request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        checked(socket)?;
        let raised = checked(libc::ioctl(socket, libc::SIOCSIFFLAGS, std::ptr::from_mut(request)));
        libc::close(socket);
        raised
    }
}

/// Waits for a child, and for all others that end meanwhile: the first process of a namespace inherits those
/// that nobody else waits for. Gives the child's status as a shell would.
pub(super) fn reap_until(child: u32) -> io::Result<u8> {
    loop {
        let mut status = 0;
        // SAFETY: the status is a valid place to write to.
        let ended = unsafe { libc::waitpid(-1, &raw mut status, 0) };
        if ended == -1 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        } else if ended.unsigned_abs() == child {
            let code = if libc::WIFEXITED(status) {
                libc::WEXITSTATUS(status)
            } else {
                128 + libc::WTERMSIG(status)
            };
            return Ok(u8::try_from(code).unwrap_or(u8::MAX));
        }
    }
}
