import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { MINIMAL_DOCUMENT, PRODUCTION_DOCUMENT, runMain } from '../cli/terminal';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = join(ROOT, 'bin', 'hardened-profiling');
const BUNDLE = join(ROOT, 'lib', 'bundle');
const folder = mkdtempSync(join(tmpdir(), 'program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const execute = (...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });

describe('Program', () => {
  it('prints its help', () => {
    expect(execute('--help')).toMatchObject({ status: 0, stderr: '', stdout: runMain(['--help']).out });
  });

  it.each([[['secrets', '--help']], [['help', 'secrets']]])('prints the roles that the components have, for %j', args => {
    expect(execute(...args).stdout.replace(/\s+/g, ' ')).toContain('(choices: "agent", "metrics", "push", "pyroscope-metrics", "read", "symbols")');
  });

  it('makes manifests without anything on its input', () => {
    const file = write('production.yaml', PRODUCTION_DOCUMENT);
    const { status, stdout, stderr } = execute('synth', file);
    const { out, err } = runMain(['synth', file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: err });
    expect(stdout.match(/^(kind|  name): .*$/gm)).toEqual(out.match(/^(kind|  name): .*$/gm));
  });

  it('needs nothing but Node.js and its own files', () => {
    const files = readdirSync(BUNDLE).filter(file => file.endsWith('.js'));
    expect(files).toEqual(['commands.js', 'main.js']);
    const needed = files.flatMap(file => [...readFileSync(join(BUNDLE, file), 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name));
    expect(needed).toEqual(expect.arrayContaining(['node:fs', './commands']));
    expect(needed.filter(name => !isBuiltin(name) && name !== './commands')).toEqual([]);
    expect(needed).not.toContain('node:child_process');
  });

  it('reads what a shell has opened', () => {
    const file = write('minimal.yaml', MINIMAL_DOCUMENT);
    const run = (command: string) => spawnSync('bash', ['-c', command, 'bash', PROGRAM, file], { encoding: 'utf8' }).stdout;
    const { stdout } = execute('synth', file);
    expect(run('"$1" synth <(cat "$2")')).toBe(stdout);
    expect(run('cat "$2" | "$1" synth /dev/stdin')).toBe(stdout);
  });

  it('ends with 2 and writes nothing when the document is wrong', () => {
    const file = write('wrong.yaml', `${MINIMAL_DOCUMENT}monitoring: {}\n`);
    const { status, stdout, stderr } = execute('synth', file, '--out', join(folder, 'dist'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${file}:7:1  monitoring: is not supported yet`);
    expect(readdirSync(folder)).not.toContain('dist');
  });

  it.each([
    ['a device', () => '/dev/zero', 'is a device'],
    ['a pipe to which nobody writes', () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      return pipe;
    }, 'is a named pipe'],
    ['a hundred thousand problems', () => write('many.yaml', Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join('')), 'and 99951 more problems'],
    ['three megabytes of anything', () => write('long.yaml', `a: ${'[]'.repeat(1.5 * 2 ** 20)}`), 'is no valid YAML'],
  ])('ends with 2 and a short answer for %s', (_, name, expected) => {
    const { status, stdout, stderr } = execute('synth', name());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(expected);
    expect(stderr.length).toBeLessThan(12_000);
  });

  it('rotates a token from its standard input to its standard output', () => {
    const secrets = execute('secrets', write('minimal.yaml', MINIMAL_DOCUMENT), '--role', 'symbols').stdout;
    const { metadata, stringData } = parse(secrets) as { metadata: object; stringData: { token: string } };
    const input = JSON.stringify({ kind: 'Secret', metadata, data: { token: Buffer.from(stringData.token).toString('base64') } });
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'secrets', join(folder, 'minimal.yaml'), '--rotate', 'symbols'], { encoding: 'utf8', input });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Step 1 of 3: /) as unknown });
    expect(Object.keys((JSON.parse(stdout) as { items: Array<{ data: object }> }).items[0].data)).toEqual(['sha256', 'token', 'token.next']);
  });

  it('leaves a pipe as it is, so that it sleeps until a slow reader has room', () => {
    const script = `require(${JSON.stringify(join(BUNDLE, 'main'))}).run();
      require('node:fs').writeSync(2, require('node:fs').readFileSync('/proc/self/fdinfo/1'));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, 'hardened-profiling', 'secrets', write('minimal.yaml', MINIMAL_DOCUMENT)], { encoding: 'utf8' });
    expect(stdout).toMatch(/^---\n/);
    // O_NONBLOCK of Linux is 04000.
    expect(stderr).toMatch(/^flags:\s+[0-7]+$/m);
    expect(stderr).not.toMatch(/^flags:\s+[0-7]*[4-7][0-7]{3}$/m);
  });

  it('ends well when its reader goes away', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'synth', write('minimal.yaml', MINIMAL_DOCUMENT)], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    const status = await new Promise(resolve => { child.on('close', resolve); });
    expect(status).toBe(0);
    expect(stderr).toContain('objects for cluster dev');
    expect(stderr).not.toContain('EPIPE');
  });
});
