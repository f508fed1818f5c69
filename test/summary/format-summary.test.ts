import { formatSummary } from '../../src/summary/format-summary';
import type { Summary } from '../../src/summary/summary';
import { written } from '../cli/terminal';

const SUMMARY: Summary = {
  cluster: 'dev',
  objects: [{ kind: 'DaemonSet', count: 2 }, { kind: 'Service', count: 1 }],
  images: [{ image: 'a:1', isPinned: false }, { image: 'b@sha256:0', isPinned: true }],
  fallbacks: [{ pool: 'legacy', reason: 'vendor driver', remediateBy: '2027-03-31' }],
  notes: ['a note'],
  missing: [{ what: 'a Secret', command: 'kubectl create' }],
};

describe('formatSummary', () => {
  it('writes every section', () => {
    expect(written(formatSummary(SUMMARY, 'kubectl apply'))).toBe(`3 objects for cluster dev
  2 DaemonSet, 1 Service

2 images, 1 not pinned by digest
  tag only  a:1
  pinned    b@sha256:0

SYS_ADMIN fallbacks
  legacy: until 2027-03-31, vendor driver

Note
  a note

Next
  kubectl apply

Then create what the pods wait for
  a Secret
    kubectl create
`);
  });

  it('leaves out empty sections', () => {
    const text = written(formatSummary({ ...SUMMARY, fallbacks: [], notes: [], missing: [] }, 'kubectl apply'));
    ['SYS_ADMIN', 'Note', 'Then create'].forEach(title => expect(text).not.toContain(title));
  });

  it('says when all images are pinned', () => {
    expect(written(formatSummary({ ...SUMMARY, images: [{ image: 'b@sha256:0', isPinned: true }] }, ''))).toContain('1 images, all pinned by digest\n');
  });

  it('differs in colour alone at a terminal', () => {
    const lines = formatSummary(SUMMARY, 'kubectl apply');
    const text = written(lines, { isInteractive: true });
    expect(text).toContain('\u001b[1mNext\u001b[22m\n');
    expect(text).toContain('\u001b[33m  tag only  a:1\u001b[39m\n');
    expect(text).toContain('\u001b[33m  legacy: until');
    expect(text).toContain('\n  pinned    b@sha256:0\n');
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe(written(lines));
  });
});
