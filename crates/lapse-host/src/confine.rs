//! Holds this process back before it loads a library that nobody need trust: files, network, system calls and limits, as far
//! as the kernel can. What cannot be had is told, not refused: a machine without it runs plugins as trusted code.

#[cfg(target_os = "linux")]
pub(crate) use linux::{calls, files};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{calls, files};

/// For which work a process is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It judges the batches of a run.
    Judge,
    /// It is tried out, with a host of its own in it, which makes memory and threads.
    Trial,
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::path::Path;

    use super::Role;
    use crate::protection::Held;

    pub(crate) fn files(_: &[&Path]) -> Held {
        Held::default()
    }

    pub(crate) fn calls(_: Role, _: &mut Held) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::path::Path;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
        RulesetError, RulesetStatus, Scope, path_beneath_rules,
    };
    use rustix::process::{Resource, Rlimit, getpid, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
        apply_filter_all_threads,
    };

    use super::Role;
    use crate::protection::{Held, Protection};
    use crate::region::Region;

    /// Where the system's libraries lie, and the index of them.
    const LIBRARIES: [&str; 7] =
        ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"];

    /// Address space: the memory that is shared is a fraction of it.
    const MEMORY: u64 = 8 << 30;
    /// The size of a file: that of the memory that is shared.
    const FILE: u64 = Region::len() as u64;
    /// Processes and threads of this user, which bounds a bomb where system calls are not held back.
    const PROCESSES: u64 = 4096;
    /// Seconds of processor time: no run takes twelve hours.
    const PROCESSOR: u64 = 12 * 3600;

    /// Holds back what this thread, and those that it starts from now on, may do with files, the network and rights. Besides
    /// the system's libraries only these files can be read.
    pub(crate) fn files(readable: &[&Path]) -> Held {
        let mut held = Held::default();
        // A crash must not leave a dump of patrons' data on the disk.
        let limits = [
            (Resource::Core, 0),
            (Resource::As, MEMORY),
            (Resource::Fsize, FILE),
            (Resource::Nproc, PROCESSES),
            (Resource::Cpu, PROCESSOR),
        ];
        let set = limits.map(|(resource, most)| limit(resource, most));
        if set.into_iter().all(|set| set) {
            held.0.push(Protection::Limits);
        }
        if rustix::thread::set_no_new_privs(true).is_ok() {
            held.0.push(Protection::NewRights);
        }
        // Before its third version Landlock leaves a file's length alone.
        match landlock(readable, ABI::V3) {
            Ok(RulesetStatus::FullyEnforced) => held.0.extend([Protection::Files, Protection::Network]),
            Ok(RulesetStatus::PartiallyEnforced) => held.0.push(Protection::Files),
            Ok(RulesetStatus::NotEnforced) | Err(_) => {
                let _ = landlock(readable, ABI::V1);
            }
        }
        held
    }

    /// No more than this, or than what is left of it already.
    fn limit(resource: Resource, most: u64) -> bool {
        let now = rustix::process::getrlimit(resource);
        let most = most.min(now.maximum.unwrap_or(u64::MAX));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).is_ok()
    }

    /// How much of it the kernel enforces: what it can do with files in version `least` at least, unless nothing.
    fn landlock(readable: &[&Path], least: ABI) -> Result<RulesetStatus, RulesetError> {
        let read = AccessFs::from_read(ABI::V1);
        let status = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(least))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rules(path_beneath_rules(LIBRARIES, read))?
            .add_rules(path_beneath_rules(readable, read))?
            .restrict_self()?;
        Ok(status.ruleset)
    }

    /// Holds back the system calls of every thread of this process. What is not allowed fails as if it were forbidden.
    pub(crate) fn calls(role: Role, held: &mut Held) {
        if hold_back(role).is_ok() {
            held.0.push(Protection::SystemCalls);
            // No socket can be made.
            if !held.0.contains(&Protection::Network) {
                held.0.push(Protection::Network);
            }
        }
    }

    fn hold_back(role: Role) -> Result<(), Box<dyn std::error::Error>> {
        let arch = std::env::consts::ARCH.try_into()?;
        let denied = |errno: i32| SeccompAction::Errno(errno.unsigned_abs());
        let filter = |rules, otherwise, matched| -> Result<BpfProgram, Box<dyn std::error::Error>> {
            Ok(SeccompFilter::new(rules, otherwise, matched, arch)?.try_into()?)
        };
        // The library of C then starts threads in the older way, whose flags can be looked at.
        let no_clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        apply_filter_all_threads(&filter(no_clone3, SeccompAction::Allow, denied(libc::ENOSYS))?)?;
        let allowed = allowed(role)?;
        apply_filter_all_threads(&filter(allowed, denied(libc::EPERM), SeccompAction::Allow)?)?;
        Ok(())
    }

    type Rules = BTreeMap<i64, Vec<SeccompRule>>;

    /// The calls that can be made whatever their arguments: memory, time, threads that wait, what is open already, and
    /// what the loader asks of files.
    const ANY_ARGUMENTS: [i64; 58] = [
        libc::SYS_brk,
        libc::SYS_clock_getres,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_faccessat,
        libc::SYS_faccessat2,
        libc::SYS_fstat,
        libc::SYS_futex,
        libc::SYS_get_robust_list,
        libc::SYS_getcpu,
        libc::SYS_getcwd,
        libc::SYS_getegid,
        libc::SYS_geteuid,
        libc::SYS_getgid,
        libc::SYS_getpid,
        libc::SYS_getppid,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_gettid,
        libc::SYS_gettimeofday,
        libc::SYS_getuid,
        libc::SYS_lseek,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_mincore,
        libc::SYS_mlock,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_nanosleep,
        libc::SYS_newfstatat,
        libc::SYS_openat,
        libc::SYS_ppoll,
        libc::SYS_pread64,
        libc::SYS_read,
        libc::SYS_readlinkat,
        libc::SYS_readv,
        libc::SYS_recvfrom,
        libc::SYS_recvmsg,
        libc::SYS_restart_syscall,
        libc::SYS_rseq,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_sendto,
        libc::SYS_set_robust_list,
        libc::SYS_sigaltstack,
        libc::SYS_statx,
        libc::SYS_sysinfo,
        libc::SYS_uname,
        libc::SYS_write,
        libc::SYS_writev,
    ];

    /// The older forms of some of them.
    #[cfg(target_arch = "x86_64")]
    const OLDER: [i64; 7] = [
        libc::SYS_access,
        libc::SYS_lstat,
        libc::SYS_open,
        libc::SYS_poll,
        libc::SYS_readlink,
        libc::SYS_stat,
        libc::SYS_time,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const OLDER: [i64; 0] = [];

    /// What a host in this process needs to make the memory that it shares.
    const OF_A_HOST: [i64; 2] = [libc::SYS_ftruncate, libc::SYS_memfd_create];

    fn allowed(role: Role) -> Result<Rules, seccompiler::BackendError> {
        let mut rules: Rules = ANY_ARGUMENTS.into_iter().chain(OLDER).map(|call| (call, Vec::new())).collect();
        match role {
            Role::Judge => {}
            Role::Trial => rules.extend(OF_A_HOST.map(|call| (call, Vec::new()))),
        }
        let is =
            |argument, value: u64| SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value);
        let own = u64::from(getpid().as_raw_pid().unsigned_abs());
        // A signal to itself ends it; others are none of its business.
        for call in [libc::SYS_kill, libc::SYS_tgkill] {
            rules.insert(call, vec![SeccompRule::new(vec![is(0, own)?])?]);
        }
        // A thread, but no process.
        let thread: u64 = libc::CLONE_THREAD.unsigned_abs().into();
        let others = [
            libc::CLONE_NEWCGROUP,
            libc::CLONE_NEWIPC,
            libc::CLONE_NEWNET,
            libc::CLONE_NEWNS,
            libc::CLONE_NEWPID,
            libc::CLONE_NEWUSER,
            libc::CLONE_NEWUTS,
            libc::CLONE_PTRACE,
        ];
        let looked_at = others.into_iter().fold(thread, |all, flag| all | u64::from(flag.unsigned_abs()));
        let shares = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(looked_at), thread)?;
        rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![shares])?]);
        // A file's flags can be read, and no signal asked of it.
        let of_files = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC];
        let of_a_host = [libc::F_ADD_SEALS, libc::F_GET_SEALS].into_iter().filter(|_| role == Role::Trial);
        let commands = of_files.into_iter().chain(of_a_host);
        let commands = commands.map(|command| SeccompRule::new(vec![is(1, command.unsigned_abs().into())?]));
        rules.insert(libc::SYS_fcntl, commands.collect::<Result<_, _>>()?);
        // The first filter answers this one.
        rules.insert(libc::SYS_clone3, Vec::new());
        // Its own limits can be read, and a thread can be named.
        rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![is(0, 0)?, is(2, 0)?])?]);
        rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![is(0, libc::PR_SET_NAME.unsigned_abs().into())?])?]);
        Ok(rules)
    }
}
