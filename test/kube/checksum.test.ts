import { createHash } from 'node:crypto';
import { checksum } from '../../src/kube/checksum';

describe('checksum', () => {
  it('is the start of the SHA-256 digest', () => {
    expect(checksum('relabel_configs: é')).toBe(createHash('sha256').update('relabel_configs: é').digest('hex').slice(0, 16));
    expect(checksum('')).toBe('e3b0c44298fc1c14');
  });

  it('changes with the text', () => {
    expect(checksum('a')).not.toBe(checksum('b'));
  });
});
