import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINIMAL_DOCUMENT, runMain } from './terminal';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'each-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string, name: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const base = (): string => write(MINIMAL_DOCUMENT, 'base.yaml');
const cluster = (name: string, rest: string = ''): string => write(`cluster: { name: ${name}${rest} }\n`, `${name}.yaml`);
const dist = (): string => join(folder, 'dist');

describe('synth --each', () => {
  it('makes of each cluster what synth makes of its documents', () => {
    const overlays = ['eu-1', 'eu-2', 'us-1'].map((name, i) => cluster(name, `, apiServerCidrs: [10.${i}.0.10/32]`));
    const { code, err } = runMain(['synth', base(), '--each', ...overlays, '--out', dist()]);
    expect(code).toBe(0);
    expect(readdirSync(dist()).sort()).toEqual(['eu-1', 'eu-2', 'us-1']);
    overlays.forEach((overlay, i) => {
      runMain(['synth', base(), overlay, '--out', join(folder, 'alone')]);
      expect(readFileSync(join(dist(), ['eu-1', 'eu-2', 'us-1'][i], 'manifests.yaml'), 'utf8')).toBe(readFileSync(join(folder, 'alone', 'manifests.yaml'), 'utf8'));
    });
    expect(err).toContain(`3 clusters in ${dist()}`);
    expect(err).toMatch(/^ {2}eu-1: 18 objects, 4 images not pinned, 3 things to create$/m);
  });

  it('reports what is wrong with any of them, each in its file, and writes nothing', () => {
    const wrong = [write('cluster: { name: A }\n', 'a.yaml'), write('cluster: { name: b }\nparca: { tls: null }\n', 'b.yaml')];
    const { code, err } = runMain(['synth', base(), '--each', cluster('good'), ...wrong, '--out', dist()]);
    expect(code).toBe(2);
    expect(err).toContain(`${wrong[0]}:1:12  cluster.name: is not valid`);
    expect(err).toMatch(/b\.yaml:2:\d+ {2}parca\.tls: is required for a server/);
    expect(existsSync(dist())).toBe(false);
  });

  it('refuses two clusters of one name, of which one would be lost', () => {
    const { code, err } = runMain(['synth', base(), '--each', cluster('eu-1'), write('cluster: { name: eu-1 }\n', 'other.yaml'), '--out', dist()]);
    expect(code).toBe(2);
    expect(err).toContain(`cluster.name: of ${join(folder, 'other.yaml')} is that of ${join(folder, 'eu-1.yaml')}`);
    expect(existsSync(dist())).toBe(false);
  });

  it('needs a folder, and is no option beside --nodes or --format json', () => {
    const one = cluster('eu-1');
    expect(runMain(['synth', base(), '--each', one])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--each needs a folder') as unknown });
    expect(runMain(['synth', base(), '--out', dist(), '--format', 'json', '--each', one])).toMatchObject({ code: 2, out: '' });
    expect(runMain(['synth', base(), '--out', dist(), '--nodes', 'nodes.json', '--each', one])).toMatchObject({ code: 2, out: '' });
    expect(existsSync(dist())).toBe(false);
  });
});
