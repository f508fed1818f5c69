import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PARANOID_THRESHOLDS } from '../../src/parca/preflight';
import { LOWEST_KERNEL } from '../../src/versions';

const SCRIPT = join(__dirname, '../../assets/parca/preflight.sh');

const TRACEPOINT = 'sys/kernel/tracing/events/sched/sched_process_exit/id';

/** The files of a node on which the agent works; each test changes what it is about. */
const GOOD_NODE: Readonly<Record<string, string | undefined>> = {
  'proc/sys/kernel/osrelease': '6.1.0-25-cloud-amd64\n',
  'proc/version': 'Linux version 6.1.0 (someone@somewhere) (gcc 12)\n',
  'proc/cmdline': 'root=/dev/vda1 ro quiet\n',
  'proc/sys/kernel/perf_event_paranoid': '2\n',
  'proc/sys/kernel/kptr_restrict': '1\n',
  'proc/1/cgroup': '0::/../../../init.scope\n',
  'proc/812/cgroup': '0::/../../kubepods-besteffort-pod0a1b2c3d_0000_0000_0000_000000000000.slice/cri-containerd-77.scope\n',
  'proc/self/attr/current': 'unconfined\n',
  'proc/self/limits': limits('8388608'),
  [TRACEPOINT]: '311\n',
};

/** As the kernel prints them, with the columns of other limits around. */
function limits(lockedMemory: string): string {
  return `Limit                     Soft Limit           Hard Limit           Units     
Max processes             unlimited            unlimited            processes 
Max locked memory         ${lockedMemory.padEnd(21)}${lockedMemory.padEnd(21)}bytes     
Max address space         unlimited            unlimited            bytes     
`;
}

interface Run { readonly status: number | null; readonly output: string }

function preflight(
  changes: Record<string, string | undefined> = {}, environment: Record<string, string> = {}, unreadable?: string, pidNamespace = '4026531836',
): Run {
  const root = mkdtempSync(join(tmpdir(), 'preflight-'));
  try {
    for (const [file, content] of Object.entries({ ...GOOD_NODE, ...changes })) {
      if (content === undefined) { continue; }
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
    }
    mkdirSync(join(root, 'proc/self/ns'));
    symlinkSync(`pid:[${pidNamespace}]`, join(root, 'proc/self/ns/pid'));
    if (unreadable) { rmSync(join(root, unreadable)); mkdirSync(join(root, unreadable)); chmodSync(join(root, unreadable), 0); }
    const { status, stdout, stderr } = spawnSync('/bin/sh', [SCRIPT], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_ROOT: root, MODE: 'leastPrivilege', MEMLOCK: 'limited', APPARMOR_PROFILE: 'unconfined', ...environment },
    });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const expectStop = ({ status, output }: Run, reason: RegExp): void => {
  expect(output).toMatch(reason);
  expect(output.trim().split('\n')).toHaveLength(1);
  expect(output).toMatch(/^This node cannot run the Parca Agent: /);
  expect(status).toBe(1);
};
const expectPass = ({ status, output }: Run): void => {
  expect(output).toBe('This node can run the Parca Agent: kernel 6.1.0-25-cloud-amd64.\n');
  expect(status).toBe(0);
};

describe('Preflight check', () => {
  it('passes on a node that can run the agent', () => {
    expectPass(preflight());
  });

  it.each(['4.19.0', '5.4.0-150-generic', '5.9.16', '5.4', '3.10.0-1160.el7'])('stops on kernel %s', kernel => {
    expectStop(preflight({ 'proc/sys/kernel/osrelease': kernel }), new RegExp(`kernel ${kernel} is older than 5\\.10`));
  });

  it.each(['5.10.0', '5.15.0-1050-aws', '6.18.5', '10.2.0', '5.10-rc1'])('passes on kernel %s', kernel => {
    expect(preflight({ 'proc/sys/kernel/osrelease': kernel }).status).toBe(0);
  });

  it('has the lowest kernel of the library', () => {
    const [major, minor] = LOWEST_KERNEL.split('.').map(Number);
    expect(preflight({ 'proc/sys/kernel/osrelease': `${LOWEST_KERNEL}.0` }).status).toBe(0);
    expectStop(preflight({ 'proc/sys/kernel/osrelease': `${major}.${minor - 1}.99` }), new RegExp(`is older than ${LOWEST_KERNEL}\\. `));
  });

  it.each(PARANOID_THRESHOLDS)('has the threshold of the library for $name: $threshold', ({ name, threshold }) => {
    const node = (paranoid: number) => ({ 'proc/version': `Linux version 6.1.0 (${name})`, 'proc/sys/kernel/perf_event_paranoid': `${paranoid}` });
    expectPass(preflight(node(threshold)));
    expectStop(preflight(node(threshold + 1)), /perf_event_paranoid/);
  });

  it.each([
    ['Linux version 6.1.0-25-amd64 (debian-kernel@lists.debian.org)', '3'],
    ['Linux version 5.15.0-1 (buildd@lcy02) #1-Ubuntu SMP', '4'],
    ['Linux version 6.6.8-hardened1', '3'],
  ])('stops where a patched kernel demands SYS_ADMIN: %s at %s', (version, paranoid) => {
    expectStop(preflight({ 'proc/version': version, 'proc/sys/kernel/perf_event_paranoid': paranoid }),
      new RegExp(`perf_event_paranoid is ${paranoid}`));
  });

  it.each([
    ['Linux version 6.18.0 (mainline)', '3'],
    ['Linux version 5.15.0-1 (buildd@lcy02) #1-Ubuntu SMP', '3'],
    ['Linux version 6.1.0-25-amd64 (debian-kernel@lists.debian.org)', '2'],
    ['Linux version 6.1.0-25-amd64 (debian-kernel@lists.debian.org)', '-1'],
  ])('passes where perf_event_paranoid does not stop the agent: %s at %s', (version, paranoid) => {
    expectPass(preflight({ 'proc/version': version, 'proc/sys/kernel/perf_event_paranoid': paranoid }));
  });

  it('stops where kernel symbols are hidden from everybody', () => {
    expectStop(preflight({ 'proc/sys/kernel/kptr_restrict': '2' }), /kptr_restrict is 2/);
    expectPass(preflight({ 'proc/sys/kernel/kptr_restrict': '0' }));
  });

  it('stops under lockdown in confidentiality mode, and not in integrity mode', () => {
    expectStop(preflight({ 'proc/cmdline': 'ro lockdown=confidentiality quiet' }), /lockdown is in confidentiality mode/);
    expectPass(preflight({ 'proc/cmdline': 'ro lockdown=integrity quiet' }));
  });

  it('stops without tracefs, and where it cannot be read', () => {
    expectStop(preflight({ [TRACEPOINT]: undefined }), /tracefs is not mounted/);
    expectStop(preflight({}, {}, TRACEPOINT), /tracefs cannot be read/);
  });

  it('stops where cgroup paths do not tell pods', () => {
    const cgroupfs = '0::/../../pod0a1b2c3d-0000-0000-0000-000000000000/77\n';
    expectStop(preflight({ 'proc/812/cgroup': cgroupfs }), /cgroupfs driver/);
    expectPass(preflight({ 'proc/812/cgroup': '0::/../cri-containerd-77.scope\n' }));
    expectPass(preflight({ 'proc/812/cgroup': '4:memory:/kubepods/besteffort/pod0a1b2c3d-0000-0000-0000-000000000000/77\n' }));
  });

  it.each(['leastPrivilege', 'fallback'])('stops in a node that is a container itself, with mode %s', mode => {
    expectStop(preflight({}, { MODE: mode }, undefined, '4026532301'), /it is a container in another machine/);
  });

  it('stops where locked memory is limited and the pool says that it is not', () => {
    const unlimited = { MEMLOCK: 'unlimited' };
    expectStop(preflight({}, unlimited), /limits locked memory to 8388608 bytes/);
    expectPass(preflight({ 'proc/self/limits': limits('unlimited') }, unlimited));
    expectPass(preflight({}, { MEMLOCK: 'limited' }));
    expect(preflight({}, { ...unlimited, MODE: 'fallback' }).status).toBe(0);
  });

  it('stops under a profile of AppArmor that is not the one of the pool', () => {
    expectStop(preflight({ 'proc/self/attr/current': 'cri-containerd.apparmor.d (enforce)\n' }), /AppArmor confines it with cri-containerd/);
    expectStop(preflight({ 'proc/self/attr/current': 'parca-agent-old (enforce)\n' }, { APPARMOR_PROFILE: 'parca-agent' }), /AppArmor confines it/);
    expectPass(preflight({ 'proc/self/attr/current': 'parca-agent (enforce)\n' }, { APPARMOR_PROFILE: 'parca-agent' }));
    expectPass(preflight({ 'proc/self/attr/current': undefined }));
  });

  it('prefers what AppArmor says of itself', () => {
    expectStop(preflight({ 'proc/self/attr/apparmor/current': 'docker-default (enforce)\n' }), /AppArmor confines it with docker-default/);
  });

  it('stops under an SELinux type that may not trace', () => {
    expectStop(preflight({ 'proc/self/attr/current': 'system_u:system_r:container_t:s0:c1,c2\0' }), /SELinux runs it as .*container_t/);
    expectPass(preflight({ 'proc/self/attr/current': 'system_u:system_r:spc_t:s0\0' }));
  });

  it('asks a pool with a fallback only what its agent needs', () => {
    const oldNode = {
      'proc/sys/kernel/osrelease': '5.4.0', 'proc/sys/kernel/perf_event_paranoid': '4', 'proc/version': 'Ubuntu', 'proc/sys/kernel/kptr_restrict': '2',
    };
    expect(preflight(oldNode, { MODE: 'fallback' }).status).toBe(0);
    expectStop(preflight({ ...oldNode, 'proc/self/attr/current': 'cri-containerd.apparmor.d (enforce)' }, { MODE: 'fallback' }), /AppArmor/);
  });
});
