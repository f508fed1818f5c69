import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectGolden } from '../golden';

const ROOT = join(__dirname, '..', '..');

describe('Examples', () => {
  it('cdk8s-app gives its expected output with `cdk8s synth`', () => {
    const app = join(ROOT, 'examples', 'cdk8s-app');
    const modules = join(app, 'node_modules');
    const isInstalled = existsSync(join(modules, 'cdk8s-hardened-profiling'));
    if (!isInstalled) {
      // What `npm install` would make of the dependency, had it been published.
      mkdirSync(modules, { recursive: true });
      symlinkSync('../../..', join(modules, 'cdk8s-hardened-profiling'));
    }
    const output = mkdtempSync(join(tmpdir(), 'cdk8s-app-'));
    try {
      const { status, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', 'cdk8s'), ['synth', '--output', output, '--check-upgrade=false'], {
        cwd: app, encoding: 'utf8', env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` },
      });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const files = readdirSync(output).sort();
      expect(files).toEqual(['monitoring.k8s.yaml', 'platform.k8s.yaml', 'shop.k8s.yaml']);
      files.forEach(file => expectGolden(`cdk8s-app.${file}`, readFileSync(join(output, file), 'utf8')));
    } finally {
      rmSync(output, { recursive: true });
      // A link to the root is a circle, in which other tools get lost.
      if (!isInstalled) { rmSync(modules, { recursive: true }); }
    }
  });
});
