import { api, ask } from '$lib/api/client';
import { errorText } from '$lib/problems/problems';

/** Enters or leaves the demo household; the live view then starts over with the other household. */
export class DemoSwitch {
  /** What is being done at this moment. */
  turning = $state<'on' | 'off' | null>(null);
  failure = $state<string | null>(null);

  /** True if it worked; otherwise `failure` says why not. */
  async turn(on: boolean): Promise<boolean> {
    this.turning = on ? 'on' : 'off';
    try {
      await ask(api.POST('/api/v1/demo', { body: { enabled: on } }));
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = errorText(error);
      return false;
    } finally {
      this.turning = null;
    }
  }
}
