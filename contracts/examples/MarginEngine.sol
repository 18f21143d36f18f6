// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {AccountTerms} from "./engine/AccountTerms.sol";
import {Conduct} from "./engine/Conduct.sol";
import {IPriceFeed} from "./engine/IPriceFeed.sol";
import {Markets} from "./engine/Markets.sol";
import {Leg, PortfolioMargin} from "./engine/PortfolioMargin.sol";
import {Positions} from "./engine/Positions.sol";
import {Quotes} from "./engine/Quotes.sol";
import {Safety} from "./engine/Safety.sol";
import {Treasury} from "./engine/Treasury.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @title A margin engine that trades each account on its effective terms
/// @notice Perpetuals and European options between two accounts at a price that both agree to, with
/// portfolio margin by the rates of the account's tier. Opening, increasing and withdrawing ask for
/// initial margin, read in the same transaction; liquidation asks for maintenance margin only.
/// @dev Equity is cash plus positions at their marks. A trade moves cash at once, so the cash of all
/// accounts, the fund and a deficit always add up to what is held, and no profit is owed by nobody.
contract MarginEngine is
    Safety,
    Positions,
    AccountTerms,
    Treasury,
    Conduct,
    Quotes,
    ReentrancyGuard
{
    using PortfolioMargin for Leg[];

    /// @notice How an account stands, in units of the token.
    struct Health {
        /// Rounded to the lesser number.
        int256 equity;
        /// Rounded up, as all that an account has to have.
        uint256 initialMargin;
        /// The same.
        uint256 maintenanceMargin;
        /// Notional of all positions at spot.
        uint256 gross;
    }

    /// @notice How an account stood before a trade that only reduces a position.
    struct Before {
        bool reduces;
        int256 surplus;
    }

    /// @notice An account with less than so much of its maintenance margin is near its liquidation,
    /// and none is brought above it by being liquidated; 1/10^4.
    uint256 public constant NEAR = 12_500;
    /// @notice What a liquidation costs, of the maintenance margin that it releases; 1/10^4. Half is
    /// the liquidator's, half the insurance fund's.
    uint256 public constant PENALTY = 2_000;
    /// @notice An account with no more notional than this can be liquidated whole; USD, 36 decimals.
    uint256 public constant DUST = 1_000e36;
    /// @notice The whole of an account, as a part to liquidate.
    uint256 public constant WHOLE = 1e18;

    /// @notice Two accounts traded.
    /// @param taker Who took the quote.
    /// @param maker Who signed it.
    /// @param instrument What was traded.
    /// @param size What the taker got, units with 18 decimals.
    /// @param price USD with 18 decimals.
    /// @param takerFee Units of the token; negative is a rebate.
    /// @param makerFee The same.
    event Traded(
        address indexed taker,
        address indexed maker,
        uint32 indexed instrument,
        int256 size,
        uint256 price,
        int256 takerFee,
        int256 makerFee
    );
    /// @notice A part of an account's positions went to a liquidator at their marks.
    /// @param account Whose they were.
    /// @param liquidator Whose they are.
    /// @param part Of each position, 1/10^18.
    /// @param penalty What the account paid, units of the token.
    event Liquidated(
        address indexed account, address indexed liquidator, uint256 part, uint256 penalty
    );
    /// @notice An expired option was paid out.
    /// @param account Whose.
    /// @param instrument Which option.
    /// @param size Units with 18 decimals.
    /// @param amount Units of the token.
    event Settled(address indexed account, uint256 indexed instrument, int256 size, int256 amount);

    /// @notice Less equity than the initial margin, or more leverage than the terms allow.
    /// @param account Whose.
    /// @param equity USD with 36 decimals.
    /// @param needed The same.
    error NotEnoughMargin(address account, int256 equity, uint256 needed);
    /// @notice The account has its maintenance margin.
    /// @param account Which.
    error Healthy(address account);
    /// @notice No amount, size, part or price can be that.
    error BadAmount();
    /// @notice The option has expired.
    /// @param instrument Its number.
    error NotTradable(uint32 instrument);
    /// @notice Not an expired option with a price of settlement, or no position in it.
    /// @param account Whose.
    /// @param instrument Which.
    error NothingToSettle(address account, uint32 instrument);
    /// @notice The part is more than brings the account back to health.
    /// @param equity What would be left, USD with 36 decimals.
    /// @param most What may be, the same.
    error TooMuch(int256 equity, uint256 most);

    /// @notice Puts an engine up.
    /// @param registry_ Where terms are read and conduct is reported.
    /// @param own Terms if the registry does not answer.
    /// @param token_ Collateral, one USD each.
    /// @param markets_ What can be traded, and its prices.
    /// @param sequencer_ Uptime feed of the layer 2; zero on a layer 1.
    /// @param owner_ Pauses, and nothing else.
    constructor(
        IEffectiveTerms registry_,
        Fallback memory own,
        IERC20Metadata token_,
        Markets markets_,
        IPriceFeed sequencer_,
        address owner_
    )
        Safety(owner_, sequencer_)
        Positions(markets_)
        AccountTerms(registry_, own)
        Treasury(token_)
        EIP712("Tierproof margin engine", "1")
    {}

    // ---- collateral -----------------------------------------------------------------------------

    /// @notice Puts collateral in; also while the engine pauses. While there is a deficit it shares it.
    /// @param amount Units of the token.
    function deposit(uint256 amount) external nonReentrant {
        if (amount == 0 || amount >= LARGEST) revert BadAmount();
        _take(amount);
        cashOf[msg.sender] += int256(amount);
        emit Deposited(msg.sender, amount);
    }

    /// @notice Takes collateral out, as far as equity stays above initial margin.
    /// @param amount Units of the token.
    /// @param least What must be paid at least: less is while there is a deficit.
    function withdraw(uint256 amount, uint256 least) external nonReentrant whenRunning {
        if (amount == 0 || amount >= LARGEST) revert BadAmount();
        IEffectiveTerms.EffectiveTerms memory terms = _begin(msg.sender);
        cashOf[msg.sender] -= int256(amount);
        _requireMargin(msg.sender, terms, Before(false, 0));
        _pay(amount, least);
    }

    /// @notice Gives to the insurance fund; nobody takes out of it but bad debt.
    /// @param amount Units of the token.
    function give(uint256 amount) external nonReentrant {
        _take(amount);
        _raiseFund(amount);
    }

    // ---- trades ---------------------------------------------------------------------------------

    /// @notice Takes a maker's quote: opens, increases, reduces or closes a position of both.
    /// @param quote The offer.
    /// @param signature The maker's.
    function trade(Quote calldata quote, bytes calldata signature)
        external
        nonReentrant
        whenRunning
    {
        if (quote.size == 0 || quote.price >= LARGEST) revert BadAmount();
        _useQuote(quote, signature);
        int256 size = quote.size;
        Leg memory leg = markets.quote(quote.instrument);
        if (leg.settled) revert NotTradable(quote.instrument);
        IEffectiveTerms.EffectiveTerms memory taker = _begin(msg.sender);
        IEffectiveTerms.EffectiveTerms memory maker = _begin(quote.maker);
        Before memory takerBefore = _before(msg.sender, taker, quote.instrument, size);
        Before memory makerBefore = _before(quote.maker, maker, quote.instrument, -size);

        _move(msg.sender, quote.maker, size * int256(uint256(quote.price)));
        _hold(msg.sender, taker, quote.instrument, size, leg.spot);
        _hold(quote.maker, maker, quote.instrument, -size, leg.spot);
        (int256 takerFee, int256 makerFee) =
            _fees(SignedMath.abs(size) * leg.spot, taker.takerFeeCentiBp, maker.makerFeeCentiBp);
        cashOf[msg.sender] -= takerFee;
        cashOf[quote.maker] -= makerFee;
        _raiseFund(uint256(takerFee + makerFee));

        _requireMargin(msg.sender, taker, takerBefore);
        _requireMargin(quote.maker, maker, makerBefore);
        emit Traded(
            msg.sender, quote.maker, quote.instrument, size, quote.price, takerFee, makerFee
        );
    }

    /// @notice Pays out an expired option whose price of settlement is fixed. Anybody may.
    /// @param account Whose.
    /// @param instrument Which option.
    function settle(address account, uint32 instrument) external nonReentrant {
        int256 size = _size(account, instrument);
        Leg memory leg = markets.quote(instrument);
        if (!leg.settled || size == 0) revert NothingToSettle(account, instrument);
        if (_isExposed(account)) _countExposure(account, true);
        int256 amount = _tokensDown(size * int256(leg.mark));
        cashOf[account] += amount;
        _change(account, instrument, -size, 0, 0, 0);
        emit Settled(account, instrument, size, amount);
        if (!_isExposed(account)) _writeOff(account);
    }

    // ---- liquidation ----------------------------------------------------------------------------

    /// @notice Takes over a part of all positions of an account that has less than its maintenance
    /// margin, at their marks; no more than brings it back to health. The sender needs initial margin
    /// for what it takes.
    /// @param account Whose positions.
    /// @param part Of each position, 1/10^18; rounded up to whole units of 10^-18.
    function liquidate(address account, uint256 part) external nonReentrant whenAccountsCanAct {
        if (part == 0 || part > WHOLE || account == msg.sender) revert BadAmount();
        IEffectiveTerms.EffectiveTerms memory terms = _begin(account);
        IEffectiveTerms.EffectiveTerms memory taker = _begin(msg.sender);
        Leg[] memory legs = _legs(account);
        int256 equity = cashOf[account] * _unit + legs.worth();
        uint256 maintenance = legs.requirement(terms.maintenanceMarginBp);
        if (equity >= int256(maintenance) || legs.length == 0) revert Healthy(account);

        _takeOver(account, taker, legs, part);
        uint256 penalty = _penalise(account, equity, Math.mulDiv(maintenance, part, WHOLE));
        emit Liquidated(account, msg.sender, part, penalty);
        _requireNotTooMuch(account, terms, legs);
        _requireMargin(msg.sender, taker, Before(false, 0));

        bool all = !_isExposed(account);
        if (all) _writeOff(account);
        _reportLiquidated(account, terms.maintenanceMarginBp, all);
    }

    /// @notice Looks at an account: counts its days, and reports it if it is near its liquidation.
    /// Anybody may; the engine's own figures decide.
    /// @param account Which.
    function checkpoint(address account) external nonReentrant whenAccountsCanAct {
        IEffectiveTerms.EffectiveTerms memory terms = _begin(account);
        if (!_isExposed(account)) return;
        Leg[] memory legs = _legs(account);
        int256 equity = cashOf[account] * _unit + legs.worth();
        uint16 rate = _calmRate(account, terms.maintenanceMarginBp);
        if (equity < int256(legs.requirement(rate) * NEAR / 1e4)) _reportNear(account, rate);
    }

    /// @inheritdoc Conduct
    function reportAgain(address account) external override nonReentrant {
        _reportOwed(account);
    }

    /// @notice How an account stands now.
    /// @param account Which.
    /// @return health Its equity and margins.
    function healthOf(address account) external view returns (Health memory health) {
        IEffectiveTerms.EffectiveTerms memory terms = _viewTerms(account);
        Leg[] memory legs = _legs(account);
        uint256 unit = uint256(_unit);
        health.equity = cashOf[account] + _tokensDown(legs.worth());
        health.initialMargin = Math.ceilDiv(legs.requirement(terms.initialMarginBp), unit);
        health.maintenanceMargin = Math.ceilDiv(legs.requirement(terms.maintenanceMarginBp), unit);
        health.gross = Math.ceilDiv(legs.gross(), unit);
    }

    // ---- inside ---------------------------------------------------------------------------------

    /// @dev What each act on an account begins with: its days are counted, its terms read.
    function _begin(address account) private returns (IEffectiveTerms.EffectiveTerms memory) {
        if (_isExposed(account)) _countExposure(account, true);
        return _readTerms(account);
    }

    /// @dev Changes a position under the holder and limit of terms.
    function _hold(
        address account,
        IEffectiveTerms.EffectiveTerms memory terms,
        uint32 instrument,
        int256 change,
        uint256 spot
    ) private {
        _change(account, instrument, change, _holder(account, terms), _limit(terms), spot);
        if (_isExposed(account)) _countExposure(account, false);
    }

    /// @dev Notes how an account stands before a trade, if it only takes from a position.
    function _before(
        address account,
        IEffectiveTerms.EffectiveTerms memory terms,
        uint32 instrument,
        int256 change
    ) private view returns (Before memory) {
        if (!_reduces(account, instrument, change)) return Before(false, 0);
        Leg[] memory legs = _legs(account);
        int256 equity = cashOf[account] * _unit + legs.worth();
        return Before(true, equity - int256(legs.requirement(terms.maintenanceMarginBp)));
    }

    /// @dev Initial margin and leverage hold; or a position was only reduced, no debt is left, and
    /// the account is no further below its maintenance margin than it was.
    function _requireMargin(
        address account,
        IEffectiveTerms.EffectiveTerms memory terms,
        Before memory before
    ) private view {
        Leg[] memory legs = _legs(account);
        int256 equity = cashOf[account] * _unit + legs.worth();
        uint256 needed = legs.requirement(terms.initialMarginBp);
        if (!before.reduces) {
            needed = Math.max(needed, Math.ceilDiv(legs.gross(), terms.maxLeverage));
        }
        if (equity >= int256(needed)) return;
        if (before.reduces && equity >= 0) {
            uint256 maintenance = legs.requirement(terms.maintenanceMarginBp);
            if (equity - int256(maintenance) >= before.surplus) return;
        }
        revert NotEnoughMargin(account, equity, needed);
    }

    /// @dev Fees of both in units of the token, up; a rebate is at most what the other pays.
    function _fees(uint256 notional, int24 takerRate, int24 makerRate)
        private
        view
        returns (int256 taker, int256 maker)
    {
        taker = _ceilDiv(int256(notional) * takerRate, _unit * 1e6);
        maker = _ceilDiv(int256(notional) * makerRate, _unit * 1e6);
        if (taker < 0) taker = SignedMath.max(taker, -SignedMath.max(maker, 0));
        if (maker < 0) maker = SignedMath.max(maker, -SignedMath.max(taker, 0));
    }

    /// @dev Moves a part of each position to the sender at its mark.
    function _takeOver(
        address account,
        IEffectiveTerms.EffectiveTerms memory taker,
        Leg[] memory legs,
        uint256 part
    ) private {
        uint32[] memory numbers = _instrumentsOf(account);
        for (uint256 i = 0; i < legs.length; ++i) {
            int256 units =
                int256(Math.mulDiv(SignedMath.abs(legs[i].size), part, WHOLE, Math.Rounding.Ceil));
            if (legs[i].size < 0) units = -units;
            _move(msg.sender, account, units * int256(legs[i].mark));
            _change(account, numbers[i], -units, 0, 0, legs[i].spot);
            _hold(msg.sender, taker, numbers[i], units, legs[i].spot);
        }
    }

    /// @dev Takes the penalty for `released` maintenance margin, as far as there is equity. The
    /// liquidator's half comes first, what is missing of it from the fund.
    function _penalise(address account, int256 equity, uint256 released)
        private
        returns (uint256 penalty)
    {
        uint256 full = uint256(_tokensUp(int256(released * PENALTY / 1e4)));
        penalty = Math.min(full, uint256(SignedMath.max(_tokensDown(equity), 0)));
        uint256 reward = full / 2;
        uint256 missing = Math.min(Math.saturatingSub(reward, penalty), fund);
        fund -= missing;
        cashOf[account] -= int256(penalty);
        cashOf[msg.sender] += int256(Math.min(reward, penalty) + missing);
        _raiseFund(Math.saturatingSub(penalty, reward));
    }

    /// @dev A liquidation leaves no more than a small margin above maintenance, but for dust.
    function _requireNotTooMuch(
        address account,
        IEffectiveTerms.EffectiveTerms memory terms,
        Leg[] memory taken
    ) private view {
        if (taken.gross() <= DUST) return;
        Leg[] memory legs = _legs(account);
        int256 equity = cashOf[account] * _unit + legs.worth();
        uint256 most = legs.requirement(terms.maintenanceMarginBp) * NEAR / 1e4;
        if (equity > int256(most)) revert TooMuch(equity, most);
    }

    /// @inheritdoc Conduct
    function _registry() internal view override returns (IEffectiveTerms) {
        return registry;
    }
}
