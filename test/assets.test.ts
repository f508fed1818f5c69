import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');
const FILES = fs.readdirSync(join(ROOT, 'assets'), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile()).map(({ parentPath, name }) => relative(ROOT, join(parentPath, name))).sort();

describe('Assets', () => {
  it('are in the package, and what configures their linters is not', () => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline', '--no-update-notifier'], { cwd: ROOT, encoding: 'utf8' });
    const [{ files }] = JSON.parse(stdout) as [{ files: Array<{ path: string }> }];
    const packed = files.map(({ path }) => path);
    expect(packed.filter(path => path.startsWith('assets/')).sort()).toEqual(FILES);
    expect(packed.filter(path => /checkrc$/.test(path))).toEqual([]);
  });

  it('are read by what needs them, and not when the library is loaded', () => {
    const reading = jest.spyOn(fs, 'readFileSync');
    const read = (): string[] => reading.mock.calls.map(([path]) => relative(ROOT, String(path))).filter(path => path.startsWith('assets/'));
    jest.isolateModules(() => {
      const { resolve } = jest.requireActual<typeof import('../src/resolve')>('../src/resolve');
      const { renderManifests } = jest.requireActual<typeof import('../src/render')>('../src/render');
      jest.requireActual('../src/cli/main');
      jest.requireActual('../src/constructs/engine');
      expect(read()).toEqual([]);
      renderManifests(resolve({ cluster: { name: 'dev' }, images: { pinning: 'tagsAllowed' }, parca: { tls: { secretName: 'parca-tls' } } }));
    });
    expect([...new Set(read())].sort()).toEqual(['assets/gateway/authn.lua', 'assets/gateway/limits.lua', 'assets/parca/preflight.sh', 'assets/parca/uploads.lua']);
  });
});
