import { guarantee } from './guarantee.ts';

const MASTER_PLANE: ReadonlySet<string> = new Set(['master-tick', 'register-master']);

/** Of a process: `exit@v1.3` runs `exit`. */
const functionOf = (process: string): string => process.slice(0, process.indexOf('@'));

/**
 * Who works with a user's key reads of a master the published status and nothing else; who works with a master's
 * touches no user. The copier, which has no key, stands between them: it reads trades and writes copies.
 */
export const independence = guarantee('2 users do not depend on the master', (evidence, broken) => {
  evidence.onSeen((seen) => {
    if (seen.kind === 'denied')
      return broken(`${seen.process} asks for ${seen.pk} (${seen.action}), which its role does not let it`);
    if (seen.kind !== 'item' && seen.kind !== 'secret') return;
    const fn = functionOf(seen.process);
    const other = MASTER_PLANE.has(fn) ? 'u' : 'm';
    if (seen.kind === 'secret') {
      if (fn === 'trade-copier') broken(`${seen.process} reads the secret ${seen.secretId}`);
      else if (seen.secretId.includes(`/${other}-`))
        broken(`${seen.process} reads the secret ${seen.secretId}, which is not of its plane`);
      return;
    }
    const verb = seen.write ? 'writes' : 'reads';
    if (fn !== 'trade-copier' && seen.pk.startsWith(`${other}-`))
      broken(`${seen.process} ${verb} ${seen.pk} / ${seen.sk}, which is not of its plane`);
    else if (other === 'm' && seen.write && seen.pk.startsWith('status#'))
      broken(`${seen.process} writes the status that a master publishes (${seen.pk})`);
  });
  return undefined;
});
