#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins an accounting system's ledger and Werkplek, with Python's standard library alone.

  billing.py report LEDGER AS_OF          report what is open; AS_OF is when LEDGER was written
  billing.py invoice LEDGER DATE DUE      put what is to be charged on invoices in LEDGER

What LEDGER holds, the environment and the exit status: README.md.
"""
import csv
import datetime
import json
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

FIELDS = ["customer", "type", "number", "date", "due", "currency", "amount", "settles"]
MOST = 500  # invoices that one report takes
ATTEMPTS = 6
WRONG, AGAIN = 1, 75  # exit statuses

SECRETS = "/var/run/secrets/kubernetes.io/serviceaccount"
SERVER = os.environ.get("API_SERVER", "https://kubernetes.default.svc")
TOKEN_FILE = os.environ.get("TOKEN_FILE", SECRETS + "/token")
CA_FILE = os.environ.get("CA_FILE", SECRETS + "/ca.crt")
API = "/apis/werkplek.dev/v1alpha1"


class Wrong(Exception):
    """One customer's documents cannot be reported; the others' can."""


# --- money: integers of ten-thousandths, never floats ---------------------------

def parse(amount):
    found = re.fullmatch(r"(-?)(\d{1,12})(?:\.(\d{1,4}))?", amount)
    if not found:
        raise Wrong(f"'{amount}' is no amount")
    sign, whole, part = found.groups()
    units = int(whole) * 10000 + int((part or "").ljust(4, "0"))
    return -units if sign else units


def text(units):
    part = f"{units % 10000:04d}"
    return f"{units // 10000}.{part[:2] if part.endswith('00') else part}"


# --- the API server --------------------------------------------------------------

def call(method, path, body=None):
    """Calls the API server until it answers, and returns the status and the answer."""
    context = ssl.create_default_context(cafile=CA_FILE)
    for attempt in range(ATTEMPTS):
        with open(TOKEN_FILE, encoding="ascii") as file:  # it is renewed while we run
            token = file.read().strip()
        request = urllib.request.Request(SERVER + path, method=method)
        request.add_header("Authorization", "Bearer " + token)
        if body is not None:
            request.add_header("Content-Type", "application/merge-patch+json")
            request.data = json.dumps(body).encode()
        wait = 2 ** attempt
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504):
                return error.code, json.loads(error.read() or b"{}")
            wait = int(error.headers.get("Retry-After") or wait)
            problem = f"HTTP {error.code}"
        except (OSError, ValueError) as error:  # no connection, or half an answer
            problem = str(error)
        if attempt < ATTEMPTS - 1:
            time.sleep(wait)
    sys.exit(f"the API server does not answer: {problem}")


def listed(resource):
    """Returns every object, by pages, so that no answer grows without bound."""
    items, token = [], ""
    while True:
        query = urllib.parse.urlencode({"limit": 500, "continue": token})
        status, answer = call("GET", f"{API}/{resource}?{query}")
        if status != 200:
            sys.exit(f"cannot list {resource}: {answer.get('message', status)}")
        items += answer["items"]
        token = answer["metadata"].get("continue", "")
        if not token:
            return items


# --- what is open ----------------------------------------------------------------

def read(ledger):
    """Returns the documents of each customer."""
    customers = {}
    with open(ledger, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != FIELDS:
            sys.exit(f"{ledger} does not begin with {','.join(FIELDS)}")
        for row in rows:
            customers.setdefault(row["customer"], []).append(row)
    return customers


def position(documents, currency):
    """Returns the invoice sent last, and those that are open, the oldest first."""
    invoices, credit = {}, 0
    for row in documents:
        if row["type"] not in ("invoice", "payment", "credit", "line"):
            raise Wrong(f"'{row['type']}' is no type of document")
        if row["currency"] != currency:
            raise Wrong(f"{row['number']} is in {row['currency']}, and the account in {currency}")
        if parse(row["amount"]) < 0 and row["type"] != "line":
            raise Wrong(f"{row['number']} is negative: give credit with a document of type credit")
        if row["type"] != "invoice":
            continue
        if row["number"] in invoices:
            raise Wrong(f"{row['number']} is there twice")
        invoices[row["number"]] = {**row, "open": parse(row["amount"])}
    for row in documents:
        if row["type"] not in ("payment", "credit"):
            continue
        amount = parse(row["amount"])
        if row["settles"]:
            if row["settles"] not in invoices:
                raise Wrong(f"{row['number']} settles {row['settles']}, which is not there")
            invoice = invoices[row["settles"]]
            settled = min(amount, invoice["open"])
            invoice["open"] -= settled
            amount -= settled
        credit += amount  # what names no invoice, and what is too much for the one that it names
    sent = sorted(invoices.values(), key=lambda i: (i["date"], i["number"]))
    for invoice in sent:  # is set off against the oldest
        settled = min(credit, invoice["open"])
        invoice["open"] -= settled
        credit -= settled
    return sent[-1] if sent else None, [i for i in sent if i["open"] > 0]


def facts(number, issued, due, units=None):
    found = {"number": number, "issuedOn": issued}
    if due:
        found["dueOn"] = due
    if units is not None:
        found["outstanding"] = text(units)
    return found


def status_of(documents, currency, as_of):
    last, opened = position(documents, currency)
    status = {"asOf": as_of, "lastInvoice": facts(last["number"], last["date"], last["due"]) if last else None}
    rest = []
    if len(opened) > MOST:
        opened, rest = opened[:MOST - 1], opened[MOST - 1:]
    status["openInvoices"] = [facts(i["number"], i["date"], i["due"], i["open"]) for i in opened]
    if rest:  # as one, so that the sum is right and so is the oldest date
        dues = [i["due"] for i in rest]
        status["openInvoices"].append(facts(f"{len(rest)} more", min(i["date"] for i in rest),
                                            min(dues) if all(dues) else "", sum(i["open"] for i in rest)))
    return status


def report(ledger, as_of):
    customers, code = read(ledger), 0
    for account in listed("billingaccounts"):
        name = account["metadata"]["name"]
        try:
            status = status_of(customers.pop(name, []), account["spec"]["currency"], as_of)
        except Wrong as why:
            print(f"{name}: not reported: {why}")
            code = WRONG
            continue
        path = f"{API}/billingaccounts/{name}/status?fieldValidation=Strict"
        answered, answer = call("PATCH", path, {"status": status})
        if answered == 200:
            opened = status["openInvoices"]
            total = sum(parse(i["outstanding"]) for i in opened)
            print(f"{name}: {len(opened)} open, {account['spec']['currency']} {text(total)}")
        elif answered == 422 and (there := newer(name, as_of)):
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            if there > now:
                print(f"{name}: report again after {there}: until then a report stands whose clock ran ahead")
                code = code or AGAIN
            else:
                print(f"{name}: a report of {there} is newer")
        elif answered == 404:
            print(f"{name}: gone")
        else:
            print(f"{name}: not reported: {answer.get('message', answered)}")
            code = WRONG
    for name in sorted(customers):
        print(f"{name}: has no billing account")
    return code


def newer(name, as_of):
    """Returns the moment of the report that stands, if it is newer."""
    answered, account = call("GET", f"{API}/billingaccounts/{name}")
    there = account.get("status", {}).get("asOf", "") if answered == 200 else ""
    return there if there > as_of else ""


# --- what is to be charged ---------------------------------------------------------

def invoice(ledger, date, due):
    customers, code = read(ledger), 0
    booked = {row["settles"]: row for rows in customers.values() for row in rows if row["type"] == "line"}
    numbers = {row["number"] for rows in customers.values() for row in rows}
    waiting = {}
    for charge in listed("charges"):
        if charge.get("status", {}).get("invoice"):
            continue
        waiting.setdefault(charge["metadata"]["labels"]["werkplek.dev/tenant"], []).append(charge)
    for tenant in sorted(waiting):
        fresh = [c for c in waiting[tenant] if key(c) not in booked]
        if len({c["spec"]["currency"] for c in fresh}) > 1:
            print(f"{tenant}: not invoiced: its charges are in several currencies")
            code = WRONG
            continue
        if fresh:
            rows = document(tenant, fresh, date, due, numbers)
            with open(ledger, "a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, FIELDS, lineterminator="\n").writerows(rows)
            booked.update({row["settles"]: row for row in rows[1:]})
            print(f"{tenant}: {rows[0]['type']} {rows[0]['number']}, {rows[0]['currency']} {rows[0]['amount']}")
        for charge in waiting[tenant]:  # first the invoice, then the mark
            line = booked[key(charge)]
            code = mark(charge, line["number"], line["date"]) or code
    return code


def document(tenant, charges, date, due, numbers):
    """Returns an invoice of charges, or a credit note if they come to less than nothing, with its lines."""
    number, again = f"{date.replace('-', '')}-{tenant}", 1
    while number in numbers:
        again += 1
        number = f"{date.replace('-', '')}-{tenant}-{again}"
    numbers.add(number)
    currency = charges[0]["spec"]["currency"]
    total = sum(parse(c["spec"]["amount"]) for c in charges)
    rows = [{"customer": tenant, "type": "invoice" if total >= 0 else "credit", "number": number, "date": date,
             "due": due if total >= 0 else "", "currency": currency, "amount": text(abs(total)), "settles": ""}]
    for charge in charges:
        rows.append({"customer": tenant, "type": "line", "number": number, "date": date, "due": "",
                     "currency": currency, "amount": charge["spec"]["amount"], "settles": key(charge)})
    return rows


def key(charge):
    return charge["metadata"]["namespace"] + "/" + charge["metadata"]["name"]


def mark(charge, number, date):
    path = f"{API}/namespaces/{charge['metadata']['namespace']}/charges/{charge['metadata']['name']}/status"
    answered, answer = call("PATCH", path + "?fieldValidation=Strict",
                            {"status": {"invoice": {"number": number, "issuedOn": date}}})
    if answered == 200:
        print(f"  {key(charge)} is on {number}")
        return 0
    print(f"  {key(charge)}: not marked: {answer.get('message', answered)}")
    return WRONG


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "report":
        sys.exit(report(*sys.argv[2:]))
    if len(sys.argv) == 5 and sys.argv[1] == "invoice":
        sys.exit(invoice(*sys.argv[2:]))
    sys.exit(__doc__)
