import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINIMAL_DOCUMENT, PRODUCTION_DOCUMENT, runMain } from './terminal';

const PROGRAM = join(__dirname, '..', '..', 'bin', 'hardened-profiling');
const folder = mkdtempSync(join(tmpdir(), 'program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const execute = (...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('Program', () => {
  it('prints its help', () => {
    expect(execute('--help')).toMatchObject({ status: 0, stderr: '', stdout: runMain(['--help']).out });
  });

  it('makes manifests without anything on its input', () => {
    const file = write('production.yaml', PRODUCTION_DOCUMENT);
    const { status, stdout, stderr } = execute('synth', file);
    const { out, err } = runMain(['synth', file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: err });
    expect(stdout.match(/^(kind|  name): .*$/gm)).toEqual(out.match(/^(kind|  name): .*$/gm));
  });

  it('never loads cdk8s, which would take longer than its work', () => {
    const file = write('minimal.yaml', MINIMAL_DOCUMENT);
    const script = `const { main } = require(${JSON.stringify(join(PROGRAM, '..', '..', 'lib', 'cli', 'main'))});
      main(['synth', ${JSON.stringify(file)}], { out: () => {}, err: () => {}, isInteractive: false });
      console.log(Object.keys(require.cache).join('\\n'));`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stdout).toMatch(/node_modules\/js-yaml\//);
    expect(stdout).not.toMatch(/node_modules\/(cdk8s|cdk8s-plus-28|constructs)\//);
  });

  it('ends with 2 and writes nothing when the document is wrong', () => {
    const file = write('wrong.yaml', `${MINIMAL_DOCUMENT}monitoring: {}\n`);
    const { status, stdout, stderr } = execute('synth', file, '--out', join(folder, 'dist'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${file}:7:1  monitoring: is not supported yet`);
    expect(readdirSync(folder)).not.toContain('dist');
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
