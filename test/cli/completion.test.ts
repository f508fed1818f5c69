import { spawnSync } from 'node:child_process';
import { completionScript, SHELLS } from '../../src/cli/completion';

const WORDS = { commands: ['synth', 'init', 'bare'], options: { synth: ['--out', '--help'], init: ['--help'] } };

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript('bash', WORDS)}
COMP_WORDS=(hardened-profiling ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_hardened_profiling; echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.trim().split(' ').filter(Boolean);
}

describe('Completion', () => {
  it('is made for three shells', () => {
    expect(SHELLS).toEqual(['bash', 'fish', 'zsh']);
  });

  it.each<[string[], string[]]>([
    [[''], ['synth', 'init', 'bare']],
    [['s'], ['synth']],
    [['synth', '--'], ['--out', '--help']],
    [['synth', 'a.yaml', '--o'], ['--out']],
    [['init', '--o'], []],
    [['bare', '--'], []],
  ])('in bash offers for %j: %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it('in bash falls back to files', () => {
    expect(completionScript('bash', WORDS)).toContain('complete -o default -F _hardened_profiling hardened-profiling\n');
  });

  it('in zsh loads the functions of bash first', () => {
    expect(completionScript('zsh', WORDS)).toBe(`autoload -U +X bashcompinit && bashcompinit\n${completionScript('bash', WORDS)}`);
  });

  it('in fish has a line for each command and each long option', () => {
    expect(completionScript('fish', { ...WORDS, options: { synth: ['--out', '-o'] } })).toBe([
      'complete -c hardened-profiling -n __fish_use_subcommand -f -a synth',
      'complete -c hardened-profiling -n __fish_use_subcommand -f -a init',
      'complete -c hardened-profiling -n __fish_use_subcommand -f -a bare',
      "complete -c hardened-profiling -n '__fish_seen_subcommand_from synth' -l out",
      '',
    ].join('\n'));
  });
});
