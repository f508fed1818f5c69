import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

  it('each say what stops without them, as the page does that was written when they were taken away', () => {
    const page = readFileSync(join(__dirname, '../../docs/explanation/least-privilege-agent.md'), 'utf8');
    const effects = (text: string) => ['exits', 'silently'].filter(effect => text.includes(effect));
    const documented = [...page.matchAll(/^\| ([A-Z_]+) \| (.*) \|$/gm)].map(([, name, effect]) => [name, effects(effect)]);
    const inCode = agentCapabilities({ mode: 'leastPrivilege', memlockUnlimited: false }).map(({ name, reason }) => [name, effects(reason)]);
    expect(Object.fromEntries(inCode)).toEqual(Object.fromEntries(documented));
  });
});
