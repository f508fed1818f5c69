import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './processes';

/** Programs of another suite of Debian than this machine's, with all they need below a directory of their own. */
export interface PrivateRoot {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Where the program is, below the directory. */
  readonly program: string;
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks packages and what they depend on into a directory, without installing anything: apt gets an empty machine to
 * think of, and a list of sources with the addresses that this machine takes Debian from.
 */
export async function unpackPrivately({ suite, packages }: PrivateRoot, root: string): Promise<void> {
  mkdirSync(dirname(root), { recursive: true });
  const folder = mkdtempSync(`${root}.partial-`);
  const inside = (...parts: readonly string[]): string => join(folder, ...parts);
  try {
    ['state/lists/partial', 'cache/archives/partial', 'root'].forEach(path => mkdirSync(inside(path), { recursive: true }));
    writeFileSync(inside('status'), '');
    writeFileSync(inside('sources.list'), (await mirrors()).map(uri => `deb [signed-by=${KEYRING}] ${uri} ${suite} main\n`).join(''));
    writeFileSync(inside('apt.conf'), [
      `Dir::State "${inside('state')}";`, `Dir::State::status "${inside('status')}";`, `Dir::Cache "${inside('cache')}";`,
      `Dir::Etc::sourcelist "${inside('sources.list')}";`, 'Dir::Etc::sourceparts "-";', 'APT::Sandbox::User "root";', 'APT::Install-Recommends "false";',
    ].join('\n'));
    const options = { env: { ...process.env, APT_CONFIG: inside('apt.conf'), DEBIAN_FRONTEND: 'noninteractive' }, seconds: 300 };
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--download-only', ...packages], options);
    const archives = readdirSync(inside('cache/archives')).filter(file => file.endsWith('.deb'));
    for (const archive of archives) { await run('dpkg-deb', ['-x', inside('cache/archives', archive), inside('root')]); }
    renameSync(inside('root'), root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where this machine takes its own release of Debian from. */
async function mirrors(): Promise<string[]> {
  if (!existsSync(KEYRING)) { throw new Error(`there is no ${KEYRING}: this is not Debian`); }
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)', 'Created-By: Packages']);
  const found = stdout.split('\n').map(line => line.split(' '))
    .filter(([, codename, origin, component]) => origin === 'Debian' && component === 'main' && !codename.includes('-'));
  if (found.length === 0) { throw new Error('apt has no source of Debian itself'); }
  return [...new Set(found.map(([uri]) => uri))];
}
