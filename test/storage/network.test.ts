import { dnsRules } from '../../src/kube/network-policy';
import { storageRules } from '../../src/storage/network';
import { GCS, S3 } from '../pyroscope/tenants';
import { resolved } from '../support';

/** Where workload identity on GKE gets its tokens. */
const metadataServer = [
  { to: [{ ipBlock: { cidr: '169.254.169.252/32' } }], ports: [{ protocol: 'TCP', port: 988 }] },
  { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [{ protocol: 'TCP', port: 80 }] },
];

describe('What a bucket needs', () => {
  const { dns } = resolved().cluster;
  const addresses = { to: [{ ipBlock: { cidr: '3.5.0.0/19' } }], ports: [{ protocol: 'TCP', port: 443 }] };

  it('is name resolution and its addresses', () => {
    expect(storageRules({ ...S3, egressCidrs: ['3.5.0.0/19'] }, dns)).toEqual([...dnsRules(dns), addresses]);
    expect(storageRules(S3, dns)).toEqual(dnsRules(dns));
  });

  it('is at Google also the server of tokens', () => {
    expect(storageRules({ ...GCS, egressCidrs: ['3.5.0.0/19'] }, dns)).toEqual([...dnsRules(dns), addresses, ...metadataServer]);
  });
});
