import { imageVersion, parseImage } from '../../src/kube/image';

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
