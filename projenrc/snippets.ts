import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { name as library } from '../package.json';

const ROOT = join(__dirname, '..');

/** Packages that snippets import, which is a cdk8s-plus besides what the library itself needs. */
const IMPORTED = ['cdk8s', 'cdk8s-plus-28', 'constructs'];

// In a folder where these are installed. That of rosetta itself has no development dependencies, and is installed anew each time. Not below
// this folder: whatever walks through it would follow the link back to it, and never come to an end.
const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
try {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, library));
  IMPORTED.forEach(name => symlinkSync(join(ROOT, 'node_modules', name), join(modules, name)));
  // It warns that packages are missing in every folder that is not its own, and names none.
  const { status } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'jsii-rosetta'),
    ['extract', '--strict', '--fail', '--directory', folder, '--output', join('dist', 'rosetta.tabl.json'), '.jsii'],
    { cwd: ROOT, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
