'use strict';

// Passkeys: the one thing a page cannot do without a script. https://www.w3.org/TR/webauthn-3/
const usable = 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

async function send(address, token, body) {
  const answer = await fetch(address, {
    method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Form-Token': token }, body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function arm(place, act) {
  const failed = place.querySelector('[role=alert]');
  place.hidden = false;
  place.querySelector('button').addEventListener('click', async () => {
    failed.hidden = true;
    try {
      location.assign((await act(place.dataset)).goTo);
    } catch {
      failed.textContent = place.dataset.failed;
      failed.hidden = false;
    }
  });
}

async function signIn({ formToken, returnUrl }) {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(await send('/account/sign-in/passkey-options', formToken));
  const credential = await navigator.credentials.get({ publicKey: options });
  return send('/account/sign-in/passkey', formToken, { credential: JSON.stringify(credential), returnUrl });
}

async function add({ formToken }) {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(await send('/account/passkeys/options', formToken));
  const credential = await navigator.credentials.create({ publicKey: options });
  return send('/account/passkeys', formToken, { credential: JSON.stringify(credential), name: document.getElementById('passkey-name').value });
}

if (usable) {
  document.querySelectorAll('[data-passkey-sign-in]').forEach(place => arm(place, signIn));
  document.querySelectorAll('[data-passkey-add]').forEach(place => arm(place, add));
}
