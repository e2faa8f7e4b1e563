import { createSubscriber } from 'svelte/reactivity';

const everySecond = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** One ticker for every age on the page; it runs only while somebody looks. */
export const clock = {
  get now(): number {
    everySecond();
    return Date.now();
  },
};
