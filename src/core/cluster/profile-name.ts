/** Labels that many clusters give to their login hosts; they name no cluster. */
const generic =
  /^(?:login|log|head|headnode|front|frontend|submit|gateway|gw|ssh|hpc|cluster|slurm|master|mgmt|node|host|www|localhost)[-_]?\d*$/;
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|.*:.*)$/;

/**
 * A name for a profile: the first label of the host's name (or the Host alias), unless it is one that every site uses or
 * an address; then Slurm's ClusterName, then the host's domain.
 */
export function profileNameFor(host: string, clusterName: string | null): string {
  const labels = address.test(host) ? [] : host.toLowerCase().split('.');
  const [first, domain] = labels;
  const own = first !== undefined && !generic.test(first) ? first : undefined;
  return plain(own) ?? plain(clusterName ?? undefined) ?? plain(domain) ?? plain(first) ?? 'cluster';
}

/** The text as a name that profiles and files can have; undefined where nothing of it is left. */
function plain(text: string | undefined): string | undefined {
  const name = (text ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name === '' ? undefined : name.slice(0, 64);
}
