import { atRegistry, imageVersion, parseImage } from '../../src/kube/image';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseImage', () => {
  it.each<[string, ReturnType<typeof parseImage>]>([
    ['busybox:1.37.0', { name: 'busybox', tag: '1.37.0' }],
    [`busybox@${DIGEST}`, { name: 'busybox', digest: DIGEST }],
    [`ghcr.io/parca-dev/parca:v0.28.0@${DIGEST}`, { name: 'ghcr.io/parca-dev/parca', tag: 'v0.28.0', digest: DIGEST }],
    ['localhost:5000/a/b:c', { name: 'localhost:5000/a/b', tag: 'c' }],
    ['Registry.Example.com/a__b/c-d.e:_x', { name: 'Registry.Example.com/a__b/c-d.e', tag: '_x' }],
  ])('splits %s', (reference, expected) => {
    expect(parseImage(reference)).toEqual(expected);
  });

  it.each([
    'busybox', 'localhost:5000/a', 'a/B:1', 'a//b:1', '/a:1', 'a/:1', 'a_-b:1', 'a:b:c', 'a:.b', `a@${DIGEST}:1`, `a@${DIGEST.toUpperCase()}`, 'a:1\n',
  ])('takes %j for none', reference => {
    expect(parseImage(reference)).toBeUndefined();
  });

  it('takes a reference of more than 512 characters for none', () => {
    expect(parseImage(`${'a'.repeat(510)}:1`)).toEqual({ name: 'a'.repeat(510), tag: '1' });
    expect(parseImage(`${'a'.repeat(511)}:1`)).toBeUndefined();
  });
});

describe('imageVersion', () => {
  it.each([
    ['a:v0.49.0', '0.49.0'], ['a:0.49.0', '0.49.0'], [`a:v0.49.0@${DIGEST}`, '0.49.0'], ['a:v1.2.3-rc.1', '1.2.3-rc.1'],
  ])('is the version in %s', (reference, expected) => {
    expect(imageVersion(reference)).toBe(expected);
  });

  it.each(['a:latest', 'a:v1.2', 'a:3', 'a:main-1.2.3', 'a:1.2.3.4', `a@${DIGEST}`, 'no image'])('is unknown for %s', reference => {
    expect(imageVersion(reference)).toBeUndefined();
  });
});

describe('atRegistry', () => {
  it.each<[string, string]>([
    ['ghcr.io/parca-dev/parca:v0.28.0', 'mirror.example.com/ext/parca-dev/parca:v0.28.0'],
    [`docker.io/library/haproxy:3.2.26@${DIGEST}`, `mirror.example.com/ext/library/haproxy:3.2.26@${DIGEST}`],
    ['grafana/alloy:v1.18.1', 'mirror.example.com/ext/grafana/alloy:v1.18.1'],
    // Docker Hub's own.
    ['busybox:1.37.0', 'mirror.example.com/ext/library/busybox:1.37.0'],
    [`busybox@${DIGEST}`, `mirror.example.com/ext/library/busybox@${DIGEST}`],
    ['localhost:5000/a:1', 'mirror.example.com/ext/a:1'],
    ['localhost/a/b:1', 'mirror.example.com/ext/a/b:1'],
    ['registry:5000/a/b:1', 'mirror.example.com/ext/a/b:1'],
  ])('pulls %s as %s', (image, expected) => {
    expect(atRegistry(image, 'mirror.example.com/ext')).toBe(expected);
    expect(parseImage(expected)).toBeDefined();
  });

  it('leaves an image that names the registry already', () => {
    expect(atRegistry('mirror.example.com/ext/other/parca:v0.28.0', 'mirror.example.com/ext')).toBe('mirror.example.com/ext/other/parca:v0.28.0');
    expect(atRegistry(atRegistry('busybox:1', 'a.b'), 'a.b')).toBe('a.b/library/busybox:1');
  });

  it('does not take a registry for another because its name begins like it', () => {
    expect(atRegistry('mirror.example.com.evil.org/a:1', 'mirror.example.com')).toBe('mirror.example.com/a:1');
    expect(atRegistry('mirror.example.com/extra/a:1', 'mirror.example.com/ext')).toBe('mirror.example.com/ext/extra/a:1');
  });
});
