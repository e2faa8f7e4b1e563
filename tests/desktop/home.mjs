// A home directory of nobody: neither settings nor data of the person who runs the tests are touched.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the app under test is at home. */
export class Home {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
    this.dataDir = join(path, 'data');
    this.env = {
      HOME: path,
      XDG_CACHE_HOME: join(path, '.cache'),
      XDG_CONFIG_HOME: join(path, '.config'),
      XDG_DATA_HOME: join(path, '.local/share'),
      XDG_STATE_HOME: join(path, '.local/state'),
      // There is no graphics card below a virtual display.
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    };
  }

  static async make() {
    return new Home(await mkdtemp(join(tmpdir(), 'ladebuch-desktop-')));
  }

  remove() {
    return rm(this.path, { recursive: true, force: true });
  }
}
