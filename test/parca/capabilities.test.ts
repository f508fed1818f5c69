import { agentCapabilities } from '../../src/parca/capabilities';

const names = (mode: 'leastPrivilege' | 'fallback', memlockUnlimited = false): string[] =>
  agentCapabilities({ mode, memlockUnlimited }).map(({ name }) => name);

describe('Capabilities of the agent', () => {
  it('are the eight that each proved necessary', () => {
    expect(names('leastPrivilege')).toEqual([
      'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'PERFMON', 'SYSLOG', 'SYS_PTRACE', 'SYS_RESOURCE',
    ]);
  });

  it('are six where the runtime lifts RLIMIT_MEMLOCK', () => {
    expect(names('leastPrivilege', true)).toEqual(['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE']);
  });

  it('hold SYS_ADMIN in a fallback only', () => {
    expect(names('leastPrivilege')).not.toContain('SYS_ADMIN');
    expect(names('leastPrivilege', true)).not.toContain('SYS_ADMIN');
    expect(names('fallback')).toEqual(['DAC_READ_SEARCH', 'SYSLOG', 'SYS_ADMIN', 'SYS_PTRACE', 'SYS_RESOURCE']);
  });

  it('each say what they are for', () => {
    [...agentCapabilities({ mode: 'leastPrivilege', memlockUnlimited: false }), ...agentCapabilities({ mode: 'fallback', memlockUnlimited: false })]
      .forEach(({ name, reason }) => {
        expect(name).not.toMatch(/^CAP_/);
        expect(reason.length).toBeGreaterThan(20);
      });
  });
});
