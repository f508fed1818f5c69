import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { Suite } from '.';
import { run } from '../harness/processes';

const ROOT = join(__dirname, '../../..');

/**
 * What shellcheck and luacheck say of our shell and Lua; for jq there is no linter.
 *
 * They are here and not in `npm test`, which needs nothing but Node.js: npm's package of the one downloads it when it runs, and the other
 * has none. Their configuration is in the root, where editors find it as well.
 */
export const assets: Suite = {
  name: 'assets',
  about: 'shellcheck and luacheck find nothing in the scripts that are emitted',
  needs: ['luacheck', 'shellcheck'],
  run: async ({ report, programs }) => {
    const linters: Readonly<Record<string, string>> = { '.bash': programs.shellcheck.path, '.lua': programs.luacheck.path, '.sh': programs.shellcheck.path };
    const files = readdirSync(join(ROOT, 'assets'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && extname(entry.name) !== '.jq').map(({ parentPath, name }) => relative(ROOT, join(parentPath, name))).sort();
    await report.each('A linter finds nothing in the scripts that are emitted', files, file => file, async file => {
      const linter = linters[extname(file)];
      assert.ok(linter, 'there is no linter for this kind of file');
      const { code, output } = await run(linter, [file], { cwd: ROOT, strict: false });
      assert.equal(code, 0, output);
    });
  },
};
