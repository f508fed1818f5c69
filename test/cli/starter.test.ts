import { STARTER_DOCUMENT } from '../../src/cli/starter';
import { parseDocument } from '../../src/config/document';
import { resolve } from '../../src/resolve';

describe('Starter document', () => {
  it('can be used as it is', () => {
    const document = parseDocument(STARTER_DOCUMENT, 'starter');
    expect(resolve(document.value, document).cluster.name).toBe('my-cluster');
  });

  it('names its schema for editors', () => {
    expect(STARTER_DOCUMENT).toMatch(/^# yaml-language-server: \$schema=\S+\/schema\/profiling\.schema\.json\n/);
  });

  it('has a commented alternative that can be used as well', () => {
    const text = STARTER_DOCUMENT.replace('    secretName: parca-tls\n', '').replace('#   certManager:', 'certManager:');
    const document = parseDocument(text, 'starter');
    expect(resolve(document.value, document).parca?.tls.certManager).toEqual({ issuerRef: { kind: 'ClusterIssuer', name: 'my-ca' } });
  });
});
