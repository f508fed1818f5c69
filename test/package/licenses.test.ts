import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Lock { readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly hasInstallScript?: boolean }>> }

describe('What is bundled', () => {
  const names = read('lib/LICENSES').split('\n---\n').map(license => license.trim().split('\n')[0]);

  it('is named in SECURITY.md, and nothing else is', () => {
    const [, listed] = /What it needs is bundled: ([^]*?), none of which/.exec(read('SECURITY.md'))!;
    expect(listed.split(/,\s+|\s+and\s+/)).toEqual(names);
    expect(JSON.parse(read('package.json'))).not.toHaveProperty('dependencies');
  });

  it('has no install scripts, and is what the lock file says', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as Lock;
    names.forEach(name => {
      expect(packages[`node_modules/${name}`].hasInstallScript).toBeUndefined();
      expect(packages[`node_modules/${name}`].integrity).toMatch(/^sha512-/);
    });
  });
});
