import { randomBytes } from 'node:crypto';
import { type Channel, zChannel } from '../../../shared/notification/channel.ts';
import { type Instant, MINUTE } from '../../../shared/time/clock.ts';
import type { Runtime } from '../runtime.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { startNoticeReceiver } from './receiver.ts';

/** A channel with what its owner stores in the vault. */
export interface LocalChannel {
  readonly channel: Channel;
  readonly address: Readonly<Record<string, string>>;
}

export interface LocalNotices {
  readonly channels: readonly LocalChannel[];
  /** Where notices go, for a person who watches. */
  readonly says: string;
  stop(): Promise<void>;
}

const FILE = 'file';
const ELSEWHERE = 'elsewhere';

/** Notices into a file of the state folder, through the same signed webhook that a deployment uses; and to a URL. */
export const openNotices = async (
  state: Pick<StateFolder, 'file' | 'path'>,
  url: string | undefined,
): Promise<LocalNotices> => {
  const file = state.file('notices');
  const signingKey = randomBytes(32).toString('hex');
  const receiver = await startNoticeReceiver(file, signingKey);
  const toFile = webhook(FILE, { url: receiver.url, signingKey });
  if (url === undefined) return { channels: [toFile], says: `notices go to ${file}`, stop: receiver.stop };
  const elsewhere = webhook(ELSEWHERE, { url, signingKey: randomBytes(32).toString('hex') });
  return {
    channels: [toFile, elsewhere],
    says: `notices go to ${file}, and signed to the address that --notify names; the key is the secret nija/local/notify/${ELSEWHERE} in ${state.file('secrets')}`,
    stop: receiver.stop,
  };
};

const webhook = (id: string, address: LocalChannel['address']): LocalChannel => ({
  channel: zChannel.parse({ id, kind: 'webhook' }),
  address,
});

/** Sends what was gathered each minute, as the schedule of a deployment does. */
export const scheduleNotices = (
  { scheduler, functionOf }: Pick<Runtime, 'scheduler' | 'functionOf'>,
  startAt: Instant,
): void =>
  scheduler.create({
    name: 'notices',
    rateMs: MINUTE,
    startAt,
    fn: functionOf('notify'),
    input: { flush: true },
  });

/** What is still being gathered, because a run is over in a minute. Whatever becomes of it, the run has ended as it has. */
export const sendNotices = async (
  { call }: Pick<Runtime, 'call'>,
  progress: (line: string) => void,
): Promise<void> => {
  try {
    await call('notify', { flush: true, early: true });
  } catch (error) {
    progress(`the last notices were not sent: ${error instanceof Error ? error.message : String(error)}`);
  }
};
