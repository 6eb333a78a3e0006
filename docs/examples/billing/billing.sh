#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Joins an accounting system's ledger and Werkplek, with bash, awk, curl and jq.
#
#   billing.sh report LEDGER AS_OF          report what is open; AS_OF is when LEDGER was written
#   billing.sh invoice LEDGER DATE DUE      put what is to be charged on invoices in LEDGER
#
# What LEDGER holds, the environment and the exit status: README.md.
set -euo pipefail
export LC_ALL=C

fields=customer,type,number,date,due,currency,amount,settles
most=500 attempts=6 wrong=1 again=75
secrets=/var/run/secrets/kubernetes.io/serviceaccount
server=${API_SERVER:-https://kubernetes.default.svc}
token_file=${TOKEN_FILE:-$secrets/token}
ca_file=${CA_FILE:-$secrets/ca.crt}
api=/apis/werkplek.dev/v1alpha1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "$1" >&2; exit $wrong; }

# Calls the API server until it answers: the status goes to $answered, the answer to $work/answer.
call() { # METHOD PATH [BODY]
  local attempt wait
  for ((attempt = 0; attempt < attempts; attempt++)); do
    # The token is read each time, for it is renewed while we run; and from a file, to show in no list of processes.
    printf 'header = "Authorization: Bearer %s"\n' "$(cat "$token_file")" >"$work/token"
    answered=$(curl -sS --max-time 30 --cacert "$ca_file" -K "$work/token" -X "$1" \
      ${3+-H 'Content-Type: application/merge-patch+json' --data-binary "@$3"} \
      -D "$work/headers" -o "$work/answer" -w '%{http_code}' "$server$2" 2>"$work/problem") || answered=none
    case $answered in
    429 | 500 | 502 | 503 | 504 | none | 000) ;;
    *) return 0 ;;
    esac
    wait=$(awk 'tolower($1) == "retry-after:" { print $2 + 0; exit }' "$work/headers" 2>/dev/null || true)
    if ((attempt < attempts - 1)); then sleep "${wait:-$((1 << attempt))}"; fi
  done
  fail "the API server does not answer: $answered $(cat "$work/problem")"
}

problem() { jq -r --arg status "$answered" '.message // $status' "$work/answer"; }

# Prints every object on a line of its own, by pages, so that no answer grows without bound.
list() { # RESOURCE
  local token=
  while :; do
    call GET "$api/$1?limit=500&continue=$token"
    [ "$answered" = 200 ] || fail "cannot list $1: $(problem)"
    jq -c '.items[]' "$work/answer"
    token=$(jq -r '.metadata.continue // "" | @uri' "$work/answer")
    [ -n "$token" ] || return 0
  done
}

check() { # LEDGER
  [ "$(head -n 1 "$1" | tr -d '\r')" = "$fields" ] || fail "$1 does not begin with $fields"
  ! grep -q '"' "$1" || fail "$1 has quotes, which this example does not read"
}

# Money in awk: whole numbers of ten-thousandths, which are exact far beyond any sum of invoices.
money='
function units(s,   part) {
  if (s !~ /^-?[0-9]+([.][0-9]+)?$/ || length(s) > 18 || s ~ /[.].....+$/) { no("'\''" s "'\'' is no amount"); return 0 }
  sub(/^-/, "", s)
  split(s, part, "."); return part[1] * 10000 + substr(part[2] "0000", 1, 4)
}
function decimal(n,   part) {
  part = sprintf("%04.0f", n % 10000); sub(/00$/, "", part)
  return sprintf("%.0f", (n - n % 10000) / 10000) "." part
}
function no(why) { if (problem == "") problem = why }
'

# Prints the report of one customer: as JSON, then how many invoices are open and their sum; or "no" and why not.
position() { # LEDGER CUSTOMER CURRENCY AS_OF
  awk -F, -v customer="$2" -v currency="$3" -v asof="$4" -v most="$most" "$money"'
    function fact(number, issued, due, open) {
      return "{\"number\":\"" number "\",\"issuedOn\":\"" issued "\"" (due == "" ? "" : ",\"dueOn\":\"" due "\"") \
        (open == "" ? "" : ",\"outstanding\":\"" decimal(open) "\"") "}"
    }
    function settle(i, amount,   settled) {
      settled = amount < open[i] ? amount : open[i]
      open[i] -= settled
      return amount - settled
    }
    { sub(/\r$/, "") }
    NR == 1 || $1 != customer { next }
    $2 != "invoice" && $2 != "payment" && $2 != "credit" && $2 != "line" { no("'\''" $2 "'\'' is no type of document") }
    $6 != currency { no($3 " is in " $6 ", and the account in " currency) }
    { amount = units($7) }
    amount > 0 && $7 ~ /^-/ && $2 != "line" { no($3 " is negative: give credit with a document of type credit") }
    $2 == "invoice" {
      if ($3 in at) no($3 " is there twice")
      at[$3] = ++n; number[n] = $3; issued[n] = $4; due[n] = $5; open[n] = amount
    }
    $2 == "payment" || $2 == "credit" { ++m; paid[m] = amount; name[m] = $3; settles[m] = $8 }
    END {
      for (j = 1; j <= m; j++) {
        if (settles[j] != "" && !(settles[j] in at)) no(name[j] " settles " settles[j] ", which is not there")
        # What names no invoice, and what is too much for the one that it names ...
        credit += settles[j] in at ? settle(at[settles[j]], paid[j]) : paid[j]
      }
      if (problem != "") { print "no " problem; exit }
      for (i = 1; i <= n; i++) {
        for (k = i; k > 1 && (issued[order[k-1]] issued_number(order[k-1])) > (issued[i] issued_number(i)); k--) order[k] = order[k-1]
        order[k] = i
      }
      for (k = 1; k <= n; k++) credit = settle(order[k], credit) # ... is set off against the oldest
      for (k = 1; k <= n; k++) if (open[order[k]] > 0) left[++opened] = order[k]
      kept = opened > most ? most - 1 : opened
      for (k = 1; k <= opened; k++) {
        i = left[k]; total += open[i]
        if (k <= kept) { list = list (k > 1 ? "," : "") fact(number[i], issued[i], due[i], open[i]); continue }
        if (k == kept + 1) { first = issued[i]; earliest = due[i] }
        if (due[i] < earliest) earliest = due[i] # without one where any has none
        rest += open[i]
      }
      # As one, so that the sum is right and so is the oldest date.
      if (opened > most) { list = list "," fact((opened - kept) " more", first, earliest, rest); opened = most }
      print "{\"status\":{\"asOf\":\"" asof "\",\"lastInvoice\":" (n ? fact(number[order[n]], issued[order[n]], due[order[n]], "") : "null") \
        ",\"openInvoices\":[" list "]}}"
      print opened + 0, decimal(total + 0)
    }
    function issued_number(i) { return "," number[i] }
  ' "$1"
}

report() { # LEDGER AS_OF
  local ledger=$1 asof=$2 code=0 name currency body sum there
  check "$ledger"
  list billingaccounts >"$work/accounts"
  jq -r '[.metadata.name, .spec.currency] | @tsv' "$work/accounts" >"$work/names"
  while IFS=$'\t' read -r name currency; do
    { read -r body; read -r sum || true; } < <(position "$ledger" "$name" "$currency" "$asof")
    if [ "${body%% *}" = no ]; then
      echo "$name: not reported: ${body#no }"
      code=$wrong
      continue
    fi
    echo "$body" >"$work/body"
    call PATCH "$api/billingaccounts/$name/status?fieldValidation=Strict" "$work/body"
    case $answered in
    200) echo "$name: ${sum% *} open, $currency ${sum#* }" ;;
    404) echo "$name: gone" ;;
    *)
      body=$(problem) there=
      if [ "$answered" = 422 ]; then
        call GET "$api/billingaccounts/$name"
        there=$(jq -r '.status.asOf // ""' "$work/answer")
      fi
      if ! [[ $there > $asof ]]; then
        echo "$name: not reported: $body"
        code=$wrong
      elif [[ $there > $(date -u +%Y-%m-%dT%H:%M:%SZ) ]]; then
        echo "$name: report again after $there: until then a report stands whose clock ran ahead"
        if [ $code = 0 ]; then code=$again; fi
      else
        echo "$name: a report of $there is newer"
      fi
      ;;
    esac
  done <"$work/names"
  cut -f1 "$work/names" | sort >"$work/known"
  tail -n +2 "$ledger" | cut -d, -f1 | sort -u | comm -23 - "$work/known" | sed 's/$/: has no billing account/'
  return $code
}

# Prints the documents of a tenant's charges: an invoice, or a credit note if they come to less than nothing, and its lines.
bill() { # LEDGER TENANT DATE DUE, and on standard input: KEY AMOUNT CURRENCY
  awk -F, -v tenant="$2" -v date="$3" -v due="$4" "$money"'
    BEGIN { OFS = "," }
    from == "ledger" { taken[$3] = 1; next }
    { split($0, c, "\t"); n++; key[n] = c[1]; amount[n] = c[2]; currency = c[3]
      total += c[2] ~ /^-/ ? -units(c[2]) : units(c[2]) }
    END {
      stem = date; gsub(/-/, "", stem); stem = stem "-" tenant; number = stem
      for (again = 2; number in taken; again++) number = stem "-" again
      if (total < 0) print tenant, "credit", number, date, "", currency, decimal(-total), ""
      else print tenant, "invoice", number, date, due, currency, decimal(total), ""
      for (i = 1; i <= n; i++) print tenant, "line", number, date, "", currency, amount[i], key[i]
    }
  ' from=ledger "$1" from=charges -
}

invoice() { # LEDGER DATE DUE
  local ledger=$1 code=0 tenant key number date line
  check "$ledger"
  list charges >"$work/charges"
  jq -r 'select(.status.invoice == null) | [.metadata.labels["werkplek.dev/tenant"],
    .metadata.namespace + "/" + .metadata.name, .spec.amount, .spec.currency] | @tsv' "$work/charges" >"$work/waiting"
  cut -f1 "$work/waiting" | sort -u >"$work/tenants"
  while read -r tenant; do
    awk -F'\t' -v tenant="$tenant" '$1 == tenant' "$work/waiting" | cut -f2- >"$work/theirs"
    awk -F, '$2 == "line" { sub(/\r$/, ""); print $8 }' "$ledger" >"$work/booked"
    awk -F'\t' 'from == "ledger" { booked[$1] = 1; next } !($1 in booked)' \
      from=ledger "$work/booked" from=charges "$work/theirs" >"$work/fresh"
    if [ "$(cut -f3 "$work/fresh" | sort -u | wc -l)" -gt 1 ]; then
      echo "$tenant: not invoiced: its charges are in several currencies"
      code=$wrong
      continue
    fi
    if [ -s "$work/fresh" ]; then
      bill "$ledger" "$tenant" "$2" "$3" <"$work/fresh" >"$work/bill"
      cat "$work/bill" >>"$ledger"
      awk -F, -v OFS= 'NR == 1 { print $1, ": ", $2, " ", $3, ", ", $6, " ", $7 }' "$work/bill"
    fi
    while IFS=$'\t' read -r key _; do # first the invoice, then the mark
      line=$(awk -F, -v key="$key" '{ sub(/\r$/, "") } $2 == "line" && $8 == key { print $3 "," $4 }' "$ledger")
      number=${line%,*} date=${line#*,}
      jq -n --arg number "$number" --arg date "$date" '{status: {invoice: {number: $number, issuedOn: $date}}}' >"$work/body"
      call PATCH "$api/namespaces/${key%/*}/charges/${key#*/}/status?fieldValidation=Strict" "$work/body"
      if [ "$answered" = 200 ]; then
        echo "  $key is on $number"
      else
        echo "  $key: not marked: $(problem)"
        code=$wrong
      fi
    done <"$work/theirs"
  done <"$work/tenants"
  return $code
}

case $#,${1:-} in
3,report) report "$2" "$3" ;;
4,invoice) invoice "$2" "$3" "$4" ;;
*) fail "usage: billing.sh report LEDGER AS_OF | billing.sh invoice LEDGER DATE DUE" ;;
esac
