/** `TMPDIR=FOLDER node extract-chromium.ts`: unpacks Chromium and the libraries it needs into that folder. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Chromium, { inflate } from '@sparticuz/chromium';

const packed = fileURLToPath(new URL('../bin', import.meta.resolve('@sparticuz/chromium')));
await Chromium.executablePath(packed);
await inflate(join(packed, 'al2023.tar.br'));
