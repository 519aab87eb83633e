import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRows } from '../../../infra/local/state/rows.ts';

describe('durable rows', () => {
  it('are found again, in the order of their keys, in a file that only its owner can read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
    const file = join(folder, 'rows.db');
    const first = openRows(file);
    first.put('message', 'b', '1');
    first.put('message', 'a', '2');
    first.put('message', 'b', '3');
    first.put('other', 'a', '4');
    first.remove('other', 'a');
    first.close();

    const second = openRows(file);
    const found = [second.all('message'), second.get('message', 'a'), second.get('other', 'a')];
    second.close();
    const mode = (await stat(file)).mode & 0o777;
    await rm(folder, { recursive: true, force: true });

    expect(found).toEqual([
      [
        { key: 'b', value: '3' },
        { key: 'a', value: '2' },
      ],
      '2',
      undefined,
    ]);
    expect(mode).toBe(0o600);
  });

  it('written together are there together or not at all', () => {
    const rows = openRows();
    rows.put('message', 'a', 'before');

    const write = () =>
      rows.together(() => {
        rows.put('message', 'a', 'after');
        rows.together(() => rows.put('message', 'b', 'new'));
        throw new Error('no room');
      });

    expect(write).toThrow('no room');
    expect(rows.all('message')).toEqual([{ key: 'a', value: 'before' }]);
    rows.close();
  });
});
